import Elbow

/// The kernels of a schedule as boxes, a row for each stage, with lines from those that write a buffer to those that read it.
struct KernelDrawing {
  private let schedule: Schedule
  private let analysis: ScheduleAnalysis
  private let signature: Int
  private let boxes: [String]
  /// Scopes and lines by their outermost part, each with a colour of its own.
  private let outer: [Substring]
  private var places: [Int: (x: Double, y: Double)] = [:]
  private var bands: [(stage: Int, top: Double, bottom: Double)] = []

  private static let box = (width: 168.0, height: 56.0)
  private static let gap = (x: 18.0, y: 16.0)
  private static let columns = 6

  init(_ schedule: Schedule, _ analysis: ScheduleAnalysis, signature: Int) {
    self.schedule = schedule
    self.analysis = analysis
    self.signature = signature
    boxes = schedule.kernelBoxes
    outer = Set(boxes.compactMap { $0.split(separator: "/").first }).sorted()
    var y = 12.0
    for stage in schedule.stages.indices {
      let kernels = analysis.kernels.filter { $0.stage == stage }.map(\.number)
      let rows = max((kernels.count + KernelDrawing.columns - 1) / KernelDrawing.columns, 1)
      for (index, kernel) in kernels.enumerated() {
        let (row, column) = (index / KernelDrawing.columns, index % KernelDrawing.columns)
        places[kernel] = (
          70 + Double(column) * (KernelDrawing.box.width + KernelDrawing.gap.x),
          y + 12 + Double(row) * (KernelDrawing.box.height + KernelDrawing.gap.y)
        )
      }
      let bottom = y + 8 + Double(rows) * (KernelDrawing.box.height + KernelDrawing.gap.y)
      bands.append((stage, y, bottom))
      y = bottom + 22
    }
  }

  var html: HTML {
    let width = 70 + Double(KernelDrawing.columns) * (KernelDrawing.box.width + KernelDrawing.gap.x)
    let height = (bands.last?.bottom ?? 0) + 12
    return .scrolling(
      .tag(
        "svg",
        [
          "class": "kernels", "font-family": "monospace", "font-size": "11",
          "viewBox": "0 0 \(width.coordinate) \(height.coordinate)",
        ],
        bands.map { drawn($0, width) } + edges + analysis.kernels.map(drawn)))
  }

  private func drawn(_ band: (stage: Int, top: Double, bottom: Double), _ width: Double) -> HTML {
    .group([
      .tag(
        "rect",
        [
          "class": "stage", "x": "4", "y": band.top.coordinate, "width": (width - 8).coordinate,
          "height": (band.bottom - band.top).coordinate, "rx": "8", "fill": "#fafbfc", "stroke": "#e1e4e9",
        ]),
      .tag("text", ["class": "note", "x": "14", "y": (band.top + 22).coordinate], "stage \(band.stage)"),
    ])
  }

  private func drawn(_ kernel: ScheduleAnalysis.KernelReport) -> HTML {
    guard let place = places[kernel.number] else { return .group([]) }
    let box = boxes[kernel.number]
    let operations = kernel.operations.joined(separator: ", ")
    // Of what is done the beginning says most, of where the end.
    func line(_ text: String, _ y: Double, _ kind: String, keepsEnd: Bool = false) -> HTML {
      let (limit, dots) = (23, "\u{2026}")
      let cut = keepsEnd ? dots + String(text.suffix(limit - 1)) : String(text.prefix(limit - 1)) + dots
      return .tag(
        "text", ["class": kind, "x": (place.x + 9).coordinate, "y": (place.y + y).coordinate],
        text.count > limit ? cut : text)
    }
    return .tag(
      "g", ["class": "kernel", "data-kernel": "\(kernel.number)"],
      [
        .tag("title", [:], "k\(kernel.number) \(box)\n\(operations)\n\(kernel.cost.flops.whole) FLOPs"),
        .tag(
          "rect",
          [
            "x": place.x.coordinate, "y": place.y.coordinate, "width": KernelDrawing.box.width.coordinate,
            "height": KernelDrawing.box.height.coordinate, "rx": "5", "fill": color(box), "stroke": "#b9c0cb",
          ]),
        line("k\(kernel.number)  \(kernel.cost.flops.whole) FLOPs", 18, "strong"), line(operations, 33, "plain"),
        line(box, 48, "plain", keepsEnd: true),
      ])
  }

  /// The same colour for what belongs to the same outermost box.
  private func color(_ box: String) -> String {
    let hues = ["#dbe7fb", "#fde5cc", "#d6f0e0", "#f8d9dc", "#e8ddf6", "#ecdfd6", "#fbe1f1", "#f1eebf", "#d3f0f4"]
    guard let own = box.split(separator: "/").first else { return "#eceef1" }
    return hues[(outer.firstIndex(of: own) ?? 0) % hues.count]
  }

  /// From the last kernel before a reader that writes the buffer.
  private var edges: [HTML] {
    var writers: [Int: Int] = [:]
    var result: [HTML] = []
    for report in analysis.kernels {
      let kernel = schedule.kernels[report.number]
      let parts = [kernel] + kernel.epilogue
      let reads = parts.reduce(into: Set<Int>()) { $0.formUnion($1.reads) }
      let sources = Set(reads.compactMap { writers[$0] }).subtracting([report.number])
      result += sources.sorted().compactMap { edge(from: $0, to: report.number) }
      for part in parts { for buffer in part.writes { writers[buffer] = report.number } }
    }
    return result
  }

  private func edge(from: Int, to: Int) -> HTML? {
    guard let start = places[from], let end = places[to] else { return nil }
    let (width, height) = KernelDrawing.box
    let (x0, y0) = (start.x + width / 2, start.y + height)
    let (x1, y1) = (end.x + width / 2, end.y)
    let path: String
    if start.y == end.y {
      // Neighbours of a row are joined below it.
      let dip = y0 + 14
      path = curve((x0, y0), (x0, dip), (x1, dip), (x1, end.y + height))
    } else {
      let bend = max((y1 - y0) / 2, 18)
      path = curve((x0, y0), (x0, y0 + bend), (x1, y1 - bend), (x1, y1))
    }
    return .tag(
      "path",
      [
        "class": "edge", "data-from": "\(from)", "data-to": "\(to)", "d": path, "fill": "none", "stroke": "#c3c9d3",
      ])
  }

  private func curve(_ points: (x: Double, y: Double)...) -> String {
    let places = points.map { "\($0.x.coordinate) \($0.y.coordinate)" }
    return "M\(places[0]) C\(places.dropFirst().joined(separator: ", "))"
  }
}
