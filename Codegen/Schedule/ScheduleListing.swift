import ElbowGraph

extension Schedule {
  /// The schedule as text, with the user's lines as far as they have been looked up.
  package var listing: String { ScheduleListing(self).text }

  /// Where working memory lies, and who shares it.
  package var memoryListing: String { ScheduleListing(self).memoryText }
}

/// A schedule and its memory as text.
private struct ScheduleListing {
  private let schedule: Schedule

  init(_ schedule: Schedule) { self.schedule = schedule }

  var text: String {
    var lines = ["schedule \(schedule.program.name) {"]
    for (index, buffer) in schedule.buffers.enumerated() {
      // All others have names of their own.
      let isWorkingMemory = [.arena, .tile, .slices].contains(buffer.storage)
      let name = isWorkingMemory ? schedule.names[buffer.node].map { ", '\($0)'" } ?? "" : ""
      lines.append(
        "  b\(index): \(buffer.dtype)\(buffer.shape)  // \(describe(buffer.storage)), node %\(buffer.node)\(name)")
    }
    for (index, stage) in schedule.stages.enumerated() {
      lines.append("  stage \(index) {")
      for task in stage.tasks {
        let kind = task.isTiled ? "tiles" : "task"
        let pieces =
          task.tileRows.map { " in tiles of at most \($0) rows" } ?? (task.grain > 1 ? " by \(task.grain)" : "")
        lines.append("    \(kind) over \(task.extent.map(\.description) ?? "nothing")\(pieces) {")
        for kernel in task.kernels { lines += describe(kernel).map { "      " + $0 } }
        lines.append("    }")
      }
      lines.append("  }")
    }
    if schedule.stages.isEmpty {
      for kernel in schedule.kernels.indices { lines += describe(kernel).map { "  " + $0 } }
    }
    return (lines + ["}"] + (schedule.memory.isEmpty ? [] : [memoryText])).joined(separator: "\n")
  }

  private func describe(_ index: Int) -> [String] {
    let kernel = schedule.kernels[index]
    let loops = kernel.loops.map { "\($0.isReduction ? "sum " : "")l\($0.id) < \($0.extent)" }.joined(separator: ", ")
    let names = kernel.nodes.map { "%\($0) " + type(of: schedule.program.nodes[$0].primitive).name }
    let places = Set(kernel.nodes.compactMap { schedule.program.nodes[$0].source.resolve()?.description }).sorted()
    let comment = places.isEmpty ? "" : "  // \(places.prefix(3).joined(separator: ", "))"
    func list(_ buffers: Set<Int>) -> String { buffers.sorted().map { "b\($0)" }.joined(separator: ", ") }
    let kind =
      switch kernel.body {
      case .map(let instructions, _): "map of \(instructions.count) instructions"
      case .contraction: "contraction"
      case .nest: "nest"
      case .scan(let scan): "loop of \(scan.scan.count) steps"
      }
    var lines = [
      "k\(index): \(kind) for (\(loops)): (\(list(kernel.reads))) -> (\(list(kernel.writes)))\(comment)",
      "  \(names.joined(separator: ", "))",
    ]
    if let loop = kernel.vectorLoop { lines.append("  vectors along l\(loop)") }
    if let method = method(kernel) { lines.append("  by \(method)") }
    if kernel.isPartial { lines.append("  slice by slice of the batch") }
    for map in kernel.epilogue { lines.append("  each tile finished by (\(list(map.reads))) -> (\(list(map.writes)))") }
    let claims = kernel.claims.map { describe(schedule.buffers[$0].storage) }
    if !claims.isEmpty { lines.append("  claims \(claims.joined(separator: ", "))") }
    return lines
  }

  /// The building block, where it is not the usual one.
  private func method(_ kernel: Kernel) -> String? {
    switch kernel.body {
    case .map: kernel.transposition == nil ? nil : "transposition"
    case .contraction(let body): body.method == .panels(isCopied: false) ? nil : "\(body.method)"
    case .nest(let body): body.method == .rows ? nil : "\(body.method)"
    case .scan: nil
    }
  }

  private func describe(_ storage: Buffer.Storage) -> String {
    switch storage {
    case .input(let index): "input '\(schedule.program.inputs[index].name)'"
    case .output(let index): "output '\(schedule.program.outputs[index].name)'"
    case .variable(let index): "variable '\(schedule.program.variables[index].name)'"
    case .constant: "constant"
    case .slices: "slices"
    case .arena: "arena"
    case .tile: "tile"
    }
  }

  var memoryText: String {
    let plan = schedule.memory
    var lines = ["arena {"] + plan.arena.map { "  " + describe($0) } + ["}"]
    for tile in plan.tiles {
      lines.append("tile of stage \(tile.stage), task \(tile.task), a row {")
      lines += tile.slots.map { "  " + describe($0) } + ["}"]
    }
    return lines.joined(separator: "\n")
  }

  private func describe(_ slot: MemoryPlan.Slot) -> String {
    let bytes = slot.byteCounts.map(\.description).joined(separator: " or ")
    return "\(bytes) bytes: " + slot.buffers.map { "b\($0)" }.joined(separator: ", ")
  }
}
