import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes where working memory lies, and how much there is.
struct WorkingMemory {
  private let scope: SignatureScope
  private let schedule: Schedule
  private let context: KernelContext

  init(_ scope: SignatureScope) { (self.scope, schedule, context) = (scope, scope.schedule, scope.context) }

  func functions() -> [CFunction] {
    [arenaFunction()] + schedule.memory.tiles.map { tileFunction($0) } + (needsTiles ? [tileByteCountFunction()] : [])
  }

  /// Sets the pointers to working memory and returns how much there is. To learn the latter it is given the address 0,
  /// and that is why addresses are integers here: an offset from a null pointer is none, and tests for one would leave
  /// paths on which the kernels read there, of which GCC warns.
  private func arenaFunction() -> CFunction {
    var body: [CStatement] =
      scope.symbolDeclarations(schedule.memory.arena.flatMap(\.byteCounts)) + [.declare(.size, "at", 0)]
    for slot in schedule.memory.arena { body += place(slot, base: "arena", factor: nil) }
    for scan in scope.loops {
      let place = CExpression.call(
        "\(scan.body.scope.name)__place_arena", ["step_frame", .binary(.plus, "arena", "at")])
      body.append(scan.withFrame(of: "f", [.assign("at", .assign, .call("el_bytes_sum", ["at", place]))]))
    }
    body.append(.returned("at"))
    return CFunction(
      "\(scope.name)__place_arena", result: .size,
      parameters: [(context.frameType.pointer, "f"), (.address, "arena")],
      comment: "Where working memory lies: what is never needed at the same time shares a place.",
      body: schedule.memory.arena.isEmpty && scope.scans.isEmpty
        ? [.expression(.cast(.void, "f")), .expression(.cast(.void, "arena")), .returned(0)] : body)
  }

  private func tileFunction(_ tile: MemoryPlan.TileSlots) -> CFunction {
    var body: [CStatement] = scope.symbolDeclarations(tile.slots.flatMap(\.byteCounts)) + [.declare(.size, "at", 0)]
    for slot in tile.slots { body += place(slot, base: "tile", factor: "rows") }
    body.append(.returned("at"))
    return CFunction(
      tileFunctionName(tile), result: .size,
      parameters: [(context.frameType.pointer, "f"), (.address, "tile"), (.long, "rows")],
      comment: "The same for a thread's share of the batch in stage \(tile.stage).", body: body)
  }

  func tileFunctionName(_ tile: MemoryPlan.TileSlots) -> String {
    "\(scope.name)__place_tile_\(tile.stage)_\(tile.task)"
  }

  private func place(_ slot: MemoryPlan.Slot, base: String, factor: CExpression?) -> [CStatement] {
    var statements: [CStatement] = slot.buffers.map { buffer in
      let type = schedule.buffers[buffer].dtype.cType.pointer
      return .assign(
        .field("f", context.fields[buffer]), .assign,
        .cast(type, .binary(.plus, .name(base), "at") + .integer(slot.offsets[buffer] ?? 0)))
    }
    let sizes = slot.byteCounts.map { $0.c * (factor ?? 1) }
    let largest = sizes.dropFirst().reduce(sizes[0]) { .call("el_larger", [$0, $1]) }
    statements.append(.assign("at", .assign, .call("el_bytes_sum", ["at", .call("el_align", [largest])])))
    return statements
  }

  /// Whether threads have memory of their own.
  var needsTiles: Bool {
    !schedule.memory.tiles.isEmpty || schedule.memory.workspaceByteCount > 0
      || scope.loops.contains { $0.body.memory.needsTiles }
  }

  /// A thread's working memory is the largest that any of its tasks needs.
  private func larger(_ call: CExpression) -> [CStatement] {
    [
      .declare(.size.constant, "needed", call),
      .conditional(.binary(.greater, "needed", "tile"), [.assign("tile", .assign, "needed")], []),
    ]
  }

  private func tileByteCountFunction() -> CFunction {
    let tasks = schedule.memory.tiles.map { schedule.stages[$0.stage].tasks[$0.task] }
    let unused = ["threads"] + (schedule.memory.tiles.isEmpty ? ["f"] : [])
    var body: [CStatement] =
      unused.map { .expression(.cast(.void, .name($0))) } + [.declare(.size, "tile", 0)]
    body += scope.symbolDeclarations(
      zip(schedule.memory.tiles, tasks).compactMap { schedule.slices(of: $1) == nil ? $1.extent : nil })
    for (tile, task) in zip(schedule.memory.tiles, tasks) {
      guard let extent = task.extent else { continue }
      func needed(_ rows: CExpression) -> [CStatement] { larger(.call(tileFunctionName(tile), ["f", 0, rows])) }
      if schedule.slices(of: task) != nil {
        body.append(.block(needed(.integer(task.tileRows ?? 1))))
        continue
      }
      body.append(
        .block(
          [.declare(.long.constant, "tiles", tileCount(task, rows: extent.c))]
            + needed(.binary(.over, .binary(.minus, .binary(.plus, extent.c, "tiles"), 1), "tiles"))))
    }
    for scan in scope.loops where scan.body.memory.needsTiles {
      body.append(
        scan.withFrame(of: "f", larger(.call("\(scan.body.scope.name)__tile_byte_count", ["step_frame", "threads"]))))
    }
    body.append(.returned("tile" + .integer(schedule.memory.workspaceByteCount)))
    return CFunction(
      "\(scope.name)__tile_byte_count", result: .size,
      parameters: [(context.frameType.pointer, "f"), (.int, "threads")],
      comment: "The working memory of a thread.", body: body)
  }

  /// How many tiles a batch is cut into.
  func tileCount(_ task: ScheduledTask, rows: CExpression) -> CExpression {
    let threads: CExpression = task.tileThreads.map { .integer($0) } ?? "threads"
    return .call("el_tile_count", [rows, .integer(task.tileRows ?? 1), threads])
  }
}
