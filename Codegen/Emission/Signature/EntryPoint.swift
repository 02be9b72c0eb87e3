import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes what a signature does when it is run: checks, the frame's values, memory, then the threads' work.
struct EntryPoint {
  private let scope: SignatureScope
  private let schedule: Schedule
  private let context: KernelContext
  private let memory: WorkingMemory
  /// The checks of the extents.
  private let checks: SizeChecks

  init(_ scope: SignatureScope, _ memory: WorkingMemory, _ checks: SizeChecks) {
    (self.scope, schedule, context) = (scope, scope.schedule, scope.context)
    (self.memory, self.checks) = (memory, checks)
  }

  func function() -> CFunction {
    var body =
      checkExtents() + [
        .declare(context.frameType, "frame", .list([0])),
        .declare(context.frameType.pointer.constant, "f", .unary(.address, "frame")),
        .assign(.field("f", "state"), .assign, .field("model", "state")),
        .assign(.field("f", "team"), .assign, .field("model", "team")),
      ]
    for (index, symbol) in scope.symbols.enumerated() {
      body.append(.assign(.field("f", Naming.symbol(symbol)), .assign, .subscripted("symbols", .integer(index))))
    }
    if scope.symbols.isEmpty { body.append(.expression(.cast(.void, "symbols"))) }
    body += sliceCounts() + scope.loops.flatMap { $0.preparation() }
    var (usesInputs, usesOutputs) = (false, false)
    for (index, buffer) in schedule.buffers.enumerated() {
      switch buffer.storage {
      case .input(let position):
        usesInputs = true
        body.append(.assign(.field("f", context.fields[index]), .assign, .subscripted("inputs", .integer(position))))
      case .output(let position):
        usesOutputs = true
        body.append(.assign(.field("f", context.fields[index]), .assign, .subscripted("outputs", .integer(position))))
      default: break
      }
    }
    if !usesInputs { body.append(.expression(.cast(.void, "inputs"))) }
    if !usesOutputs { body.append(.expression(.cast(.void, "outputs"))) }
    body +=
      randomState() + reservation() + [
        .conditional(
          .binary(.greater, "threads", 1),
          [.expression(.call("el_team_run", [.field("f", "team"), .name("\(scope.name)__stages"), "f"]))],
          [.expression(.call("\(scope.name)__stages", ["f", 0, 1]))])
      ]
    if schedule.program.isRandom {
      body.append(.assign(.field("random", "counter"), .assign, .binary(.plus, "counter", 1)))
    }
    body.append(.returned("ELBOW_OK"))
    return CFunction(
      "\(scope.name)__run", result: .status, isStatic: false,
      parameters: CType.runParameters, comment: "Runs '\(schedule.program.name)'; what it is given has been checked.",
      body: body)
  }

  private func checkExtents() -> [CStatement] {
    guard !checks.isEmpty else { return [] }
    return [
      .declare(.status.constant, "checked", .call("\(scope.name)__check", ["model", "symbols"])),
      .conditional(.binary(.notEqual, "checked", "ELBOW_OK"), [.returned("checked")], []),
    ]
  }

  private func sliceCounts() -> [CStatement] {
    guard !schedule.slices.isEmpty else { return [] }
    let symbols = scope.symbolDeclarations(schedule.slices.map(\.extent))
    let counts: [CStatement] = schedule.slices.compactMap { slices in
      slices.count.symbol.map {
        .assign(
          .field("f", Naming.symbol($0)), .assign,
          .call("el_slice_count", [slices.extent.c, .integer(BatchSlices.leastRows), .integer(slices.limit)]))
      }
    }
    return [.block(symbols + counts)]
  }

  private func randomState() -> [CStatement] {
    guard schedule.program.isRandom else { return [] }
    return [
      .declare(CType("el_random_state").pointer.constant, "random", .call("el_random", ["model"])),
      .declare(.uint64.constant, "seed", .field("random", "seed")),
      .declare(.uint64.constant, "counter", .field("random", "counter")),
      .assign(.field("f", "key0"), .assign, .cast(.uint32, "seed")),
      .assign(.field("f", "key1"), .assign, .cast(.uint32, .binary(.shiftRight, "seed", 32))),
      .assign(.field("f", "counter0"), .assign, .cast(.uint32, "counter")),
      .assign(.field("f", "counter1"), .assign, .cast(.uint32, .binary(.shiftRight, "counter", 32))),
    ]
  }

  /// Sets the values that all steps of a loop find in their frame, besides what the frame around it holds.
  func preparation() -> CFunction {
    let body = sliceCounts() + scope.loops.flatMap { $0.preparation() }
    return CFunction(
      "\(scope.name)__prepare", parameters: [(context.frameType.pointer, "f")],
      comment: "What is the same in all steps.", body: body.isEmpty ? [.expression(.cast(.void, "f"))] : body)
  }

  /// Small runs are over before other threads would wake up.
  private func reservation() -> [CStatement] {
    let work = schedule.work
    let rows = schedule.sharedExtent
    var body: [CStatement] = scope.symbolDeclarations([work] + (rows.map { [$0] } ?? []))
    let team = CExpression.call("el_team_size", [.field("f", "team")])
    let isSmall = CExpression.binary(.less, work.approximation, .integer(Schedule.workWorthSharing))
    let isAlone = rows.map { CExpression.binary(.or, isSmall, .binary(.less, $0.c, 2)) } ?? isSmall
    body.append(.declare(.int.constant, "threads", .conditional(isAlone, 1, team)))
    let tile: CExpression = self.memory.needsTiles ? .call("\(scope.name)__tile_byte_count", ["f", "threads"]) : 0
    body.append(.declare(.size.constant, "tile", tile))
    body += [
      .declare(
        .status.constant, "status",
        .call(
          "el_reserve",
          [
            "model", .call("\(scope.name)__place_arena", ["f", 0]),
            .call("el_bytes_product", ["tile", .cast(.size, "threads")]),
          ])),
      .conditional(.binary(.notEqual, "status", "ELBOW_OK"), [.returned("status")], []),
      .expression(.call("\(scope.name)__place_arena", ["f", .cast(.address, .field("model", "arena"))])),
      .assign(.field("f", "tiles"), .assign, .field("model", "tiles")),
      .assign(.field("f", "tile_byte_count"), .assign, "tile"),
    ]
    return body
  }
}
