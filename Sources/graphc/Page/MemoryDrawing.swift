import Elbow

/// Working memory over time: a box for each buffer, as high as its bytes, from the stage or kernel that first uses it to the
/// last.
struct MemoryDrawing {
  private let schedule: Schedule
  private let analysis: ScheduleAnalysis
  private let bindings: [String: Int]
  private let plan: MemoryPlan

  init(_ schedule: Schedule, _ analysis: ScheduleAnalysis, symbols: [String: Int]) {
    self.schedule = schedule
    self.analysis = analysis
    bindings = schedule.bindings(symbols)
    plan = schedule.memory
  }

  var html: HTML {
    var parts: [HTML] = [
      .tag(
        "p", [:],
        "\(analysis.arenaBytes.whole) bytes for whole arrays, \(analysis.scratchBytes.whole) scratch of a thread, "
          + "\(analysis.stateBytes.grouped) of state.")
    ]
    if !plan.arena.isEmpty {
      let steps = schedule.stages.map { $0.tasks.flatMap(\.kernels) }
      parts.append(
        drawing("arena, by stage", plan.arena, steps, steps.indices.map { "stage \($0)" }) { buffer in
          buffer.shape.elementCount * Dimension(buffer.dtype.byteCount)
        })
    }
    for tile in plan.tiles {
      let kernels = schedule.stages[tile.stage].tasks[tile.task].kernels
      let title = "a row of the tiles of stage \(tile.stage), by kernel"
      parts.append(
        drawing(title, tile.slots, kernels.map { [$0] }, kernels.map { "k\($0)" }) { buffer in
          buffer.strides[0] * Dimension(buffer.dtype.byteCount)
        })
    }
    return .group(parts)
  }

  /// Slots above each other, steps from left to right.
  private func drawing(
    _ title: String, _ slots: [MemoryPlan.Slot], _ steps: [[Int]], _ names: [String], size: (Buffer) -> Dimension
  ) -> HTML {
    func bytes(_ dimension: Dimension) -> Double { Double(dimension.evaluated(with: bindings) ?? 0) }
    let heights = slots.map { $0.byteCounts.map(bytes).max() ?? 0 }
    let total = max(heights.reduce(0, +), 1)
    let used = steps.map { step in
      step.reduce(into: Set<Int>()) { $0.formUnion(schedule.kernels[$1].reads.union(schedule.kernels[$1].writes)) }
    }
    let (left, width, height) = (10.0, 1080.0, 260.0)
    let step = width / Double(max(steps.count, 1))
    var boxes: [HTML] = []
    var base = 0.0
    for (slot, slotBytes) in zip(slots, heights) {
      for buffer in slot.buffers {
        let steps = used.indices.filter { used[$0].contains(buffer) }
        guard let first = steps.first, let last = steps.last else { continue }
        let own = bytes(size(schedule.buffers[buffer]))
        let from = base + Double(slot.offsets[buffer] ?? 0)
        boxes.append(
          box(
            buffer, bytes: own, x: left + Double(first) * step, y: 8 + from / total * height,
            width: Double(last - first + 1) * step, height: own / total * height))
      }
      base += slotBytes
    }
    let labels = names.enumerated().map { index, name in
      HTML.tag(
        "text",
        [
          "text-anchor": "middle", "class": "note", "x": (left + (Double(index) + 0.5) * step).coordinate,
          "y": (height + 26).coordinate,
        ], names.count <= 40 || index % 5 == 0 ? name : "")
    }
    return .fold(
      [.text("\(title): \(total.whole) bytes in \(slots.count) slots")],
      isOpen: true,
      [
        .scrolling(
          .tag("svg", ["font-family": "monospace", "font-size": "11", "viewBox": "0 0 1100 296"], boxes + labels))
      ])
  }

  private func box(
    _ buffer: Int, bytes: Double, x: Double, y: Double, width: Double, height: Double
  ) -> HTML {
    let info = schedule.buffers[buffer]
    let name = "b\(buffer) \(info.dtype)\(info.shape)"
    let fits = height >= 11 && width >= Double(name.count) * 6.5
    return .tag(
      "g", ["class": "buffer"],
      [
        .tag("title", [:], "\(name), \(bytes.whole) bytes"),
        .tag(
          "rect",
          [
            "x": x.coordinate, "y": y.fixed(2), "width": width.coordinate, "height": max(height, 0.5).fixed(2),
            "fill": "#dbe7fb", "stroke": "#7fa3dc", "stroke-width": "0.6",
          ]),
        .tag(
          "text", ["class": "plain", "x": (x + 5).coordinate, "y": (y + height / 2 + 4).coordinate], fits ? name : ""),
      ])
  }
}
