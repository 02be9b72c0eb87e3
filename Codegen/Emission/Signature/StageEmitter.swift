import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes the work of every thread: stages, and in them tasks by tiles of a batch or divided among the threads.
struct StageEmitter {
  private let scope: SignatureScope
  private let schedule: Schedule
  private let context: KernelContext
  private let kernels: KernelFunctions
  private let memory: WorkingMemory

  init(_ scope: SignatureScope, _ kernels: KernelFunctions, _ memory: WorkingMemory) {
    (self.scope, schedule, context) = (scope, scope.schedule, scope.context)
    (self.kernels, self.memory) = (kernels, memory)
  }

  /// A function for each stage, and the one that goes through them.
  func functions() -> [CFunction] {
    let stages = schedule.stages.enumerated().map { stageFunction($0, $1) }
    var body: [CStatement] = [
      .declare(context.frameType, "frame", .unary(.content, .cast(context.frameType.constant.pointer, "shared"))),
      .declare(context.frameType.pointer.constant, "f", .unary(.address, "frame")),
      .expression(.cast(.void, "thread")), .expression(.cast(.void, "threads")),
    ]
    if schedule.memory.workspaceByteCount > 0 { body.append(.assign(.field("f", "workspace"), .assign, threadMemory)) }
    // As where a model without variables gives them their first values.
    if stages.isEmpty { body.append(.expression(.cast(.void, "f"))) }
    for (index, stage) in stages.enumerated() {
      if index > 0 {
        let meet = CStatement.expression(.call("el_team_barrier", [.field("f", "team"), "thread"]))
        body.append(.conditional(.binary(.greater, "threads", 1), [meet], []))
      }
      body.append(.expression(.call(stage.name, ["f", "thread", "threads"])))
    }
    return stages + [
      CFunction(
        "\(scope.name)__stages", parameters: [(.void.pointer, "shared"), (.int, "thread"), (.int, "threads")],
        comment: "What every thread does; they meet between stages. Results do not depend on how many there are.",
        body: body)
    ]
  }

  private func stageFunction(_ index: Int, _ stage: Stage) -> CFunction {
    let tasks = stage.tasks.enumerated().flatMap { position, task in
      task.isTiled ? tiled(task, stage: index, position) : divided(task, position)
    }
    var body: [CStatement] = [.expression(.cast(.void, "thread")), .expression(.cast(.void, "threads"))]
    if takesSlices(stage) {
      body += [.declare(.long, "next", nextSlice(after: -1)), .declare(.long, "begin", 0)]
    }
    return CFunction(
      "\(scope.name)__stage_\(index)",
      parameters: [(context.frameType.pointer, "f"), (.int, "thread"), (.int, "threads")],
      comment: summary(stage), body: body + tasks)
  }

  /// The kinds of work in a stage.
  private func summary(_ stage: Stage) -> String {
    let extents = stage.tasks.filter(\.isTiled).compactMap { $0.extent?.description }
    let unique = extents.enumerated().filter { !extents[..<$0].contains($1) }.map(\.element)
    let shared = stage.tasks.contains { !$0.isTiled }
    var parts = unique.map { "rows of \($0), in tiles that stay in the cache" }
    if shared { parts.append(parts.isEmpty ? "whole arrays, shared by the threads" : "then whole arrays") }
    let text = parts.joined(separator: "; ")
    return text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  private func run(_ kernel: Int, _ first: CExpression, _ last: CExpression) -> CStatement {
    profiled(kernel, [.expression(kernels.call(kernel, first, last))])[0]
  }

  /// Statements that do the work of a kernel, timed if that is wanted.
  private func profiled(_ kernel: Int, _ work: [CStatement]) -> [CStatement] {
    guard scope.isProfiled else { return work }
    let seconds = CExpression.unary(.address, .subscripted(.name("\(scope.name)__profile_seconds"), .integer(kernel)))
    return [
      .block(
        [.declare(.double.constant, "start", .call("el_profile_now", []))] + work
          + [.expression(.call("el_profile_add", [seconds, "start"]))])
    ]
  }

  func profile() -> [CDeclaration] {
    guard scope.isProfiled else { return [] }
    return [
      .include("elbow_profile.h", isSystem: false),
      .macro("EL_PROFILE", [.name(scope.name), .integer(max(1, schedule.kernels.count))]),
    ]
  }

  /// A thread's own memory: the workspace of its kernels, then its tiles.
  private var threadMemory: CExpression {
    .binary(.plus, .field("f", "tiles"), .binary(.times, "thread", .field("f", "tile_byte_count")))
  }

  /// Where a task's working memory for a tile of `rows` lies.
  private func placedTile(_ task: ScheduledTask, _ stage: Int, _ position: Int, rows: CExpression) -> [CStatement] {
    guard let tile = schedule.memory.tiles.first(where: { $0.stage == stage && $0.task == position }) else { return [] }
    let place = threadMemory + .integer(schedule.memory.workspaceByteCount)
    return [
      .expression(.call(memory.tileFunctionName(tile), ["f", .cast(.address, place), rows]))
    ]
  }

  /// Whether threads take the slices of a stage one after the other, so that a slower one takes fewer. Where they meet within
  /// the stage, in a loop, or need not have met before it, as in the body of one, each has its share.
  private func takesSlices(_ stage: Stage) -> Bool {
    !scope.isStep && stage.tasks.contains { $0.isTiled && schedule.slices(of: $0) != nil }
      && !stage.tasks.contains { $0.kernels.contains { scope.scans[$0] != nil } }
  }

  private func nextSlice(after slice: CExpression) -> CExpression {
    .call("el_team_next", [.field("f", "team"), "threads", slice])
  }

  /// A loop over a thread's slices. Those of a stage's tasks are numbered on, from `begin`.
  private func eachSlice(_ stage: Stage, _ body: [CStatement]) -> [CStatement] {
    guard takesSlices(stage) else {
      func share(_ thread: CExpression) -> CExpression { .call("el_part", ["slices", thread, "threads"]) }
      return [
        .loop(
          variable: "s", from: share("thread"), condition: .binary(.less, "s", share(.binary(.plus, "thread", 1))),
          step: 1,
          body)
      ]
    }
    return [
      .whileLoop(
        condition: .binary(.less, "next", .binary(.plus, "begin", "slices")),
        advance: .binary(.assign, "next", nextSlice(after: "next")),
        [.declare(.long.constant, "s", .binary(.minus, "next", "begin"))] + body),
      .assign("begin", .assignSum, "slices"),
    ]
  }

  /// Slice by slice, each in tiles; which rows are taken together depends on the batch alone.
  private func sliced(_ task: ScheduledTask, _ slices: BatchSlices, stage: Int, _ position: Int) -> [CStatement] {
    let tile = CExpression.integer(task.tileRows ?? 1)
    var body: [CStatement] = scope.symbolDeclarations([slices.extent, slices.count])
    body += [.declare(.long.constant, "rows", slices.extent.c), .declare(.long.constant, "slices", slices.count.c)]
    body += placedTile(task, stage, position, rows: tile)
    func edge(_ slice: CExpression) -> CExpression { .call("el_part", ["rows", slice, "slices"]) }
    let tiles = CStatement.loop(
      variable: "first", from: .field("f", "slice_first"), condition: .binary(.less, "first", "slice_last"), step: tile,
      [.declare(.long.constant, "last", .call("el_smaller", [.binary(.plus, "first", tile), "slice_last"]))]
        + task.kernels.map { run($0, "first", "last") })
    body += eachSlice(
      schedule.stages[stage],
      [
        .assign(.field("f", "slice"), .assign, "s"), .assign(.field("f", "slice_first"), .assign, edge("s")),
        .declare(.long.constant, "slice_last", edge(.binary(.plus, "s", 1))), tiles,
      ])
    return [.block(body)]
  }

  private func tiled(_ task: ScheduledTask, stage: Int, _ position: Int) -> [CStatement] {
    guard let extent = task.extent else { return [] }
    if let slices = schedule.slices(of: task) { return sliced(task, slices, stage: stage, position) }
    var body: [CStatement] = scope.symbolDeclarations([extent])
    body += [
      .declare(.long.constant, "rows", extent.c),
      .declare(.long.constant, "tiles", memory.tileCount(task, rows: "rows")),
    ]
    body += placedTile(
      task, stage, position, rows: .binary(.over, .binary(.minus, .binary(.plus, "rows", "tiles"), 1), "tiles"))
    func edge(_ tile: CExpression) -> CExpression { .call("el_part", ["rows", tile, "tiles"]) }
    func share(_ thread: CExpression) -> CExpression { .call("el_part", ["tiles", thread, "threads"]) }
    body.append(
      .loop(
        variable: "t", from: share("thread"), condition: .binary(.less, "t", share(.binary(.plus, "thread", 1))),
        step: 1,
        [.declare(.long.constant, "first", edge("t")), .declare(.long.constant, "last", edge(.binary(.plus, "t", 1)))]
          + task.kernels.map { run($0, "first", "last") }))
    return [.block(body)]
  }

  private func divided(_ task: ScheduledTask, _ position: Int) -> [CStatement] {
    guard let kernel = task.kernels.first else { return [] }
    if let scan = scope.scans[kernel] { return profiled(kernel, scan.statements()) }
    guard let extent = task.extent else {
      // Nothing to divide: one thread does it, not always the same.
      return [
        .conditional(
          .binary(.equal, "thread", .binary(.modulo, .integer(position), "threads")), [run(kernel, 0, 1)], [])
      ]
    }
    let symbols = scope.symbolDeclarations([extent])
    let grain: CExpression = .integer(task.grain)
    func share(_ thread: CExpression) -> CExpression { .call("el_share", [extent.c, grain, thread, "threads"]) }
    let statement = run(kernel, share("thread"), share(.binary(.plus, "thread", 1)))
    return symbols.isEmpty ? [statement] : [.block(symbols + [statement])]
  }
}
