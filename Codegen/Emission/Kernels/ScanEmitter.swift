import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes a loop: a step is a signature without an entry of its own, whose frame is part of the frame around it, and all
/// threads go through the steps together.
struct ScanEmitter {
  let context: KernelContext
  let scan: ScheduledScan
  /// The step.
  let body: SignatureEmitter
  /// The name of a step's frame in the frame around it, `loop_3`.
  let field: String

  /// The pointer to a step's frame.
  private let step: CExpression = "step_frame"

  /// Gives statements a pointer to the frame of a step.
  func withFrame(of frame: CExpression, _ body: [CStatement]) -> CStatement {
    .block(
      [
        .declare(
          self.body.scope.context.frameType.pointer.constant, "step_frame", .unary(.address, .field(frame, field)))
      ]
        + body)
  }

  /// Sets the values that all steps find in their frame, before the threads start.
  func preparation() -> [CStatement] {
    var body: [CStatement] = [.assign(.field(step, "team"), .assign, .field("f", "team"))]
    for symbol in self.body.scope.symbols {
      body.append(.assign(.field(step, Naming.symbol(symbol)), .assign, .field("f", Naming.symbol(symbol))))
    }
    body.append(.expression(.call("\(self.body.scope.name)__prepare", [step])))
    return [withFrame(of: "f", body)]
  }

  /// The loop, run by every thread.
  func statements() -> [CStatement] {
    let count = scan.scan.count
    var body: [CStatement] = [
      .assign(.field(step, "tiles"), .assign, .field("f", "tiles")),
      .assign(.field(step, "tile_byte_count"), .assign, .field("f", "tile_byte_count")),
    ]
    for (operand, buffer) in scan.operands.enumerated() where isCapture(operand) {
      body += set(scan.scan.input(operand), to: context.pointer(buffer, isWritten: false))
    }
    body += beginning()
    let row: CExpression = scan.scan.isReversed ? .integer(count - 1) - "i" : "i"
    body.append(
      .loop(
        variable: "i", from: 0, condition: .binary(.less, "i", .integer(count)), step: 1,
        (usesStep ? [.declare(.int32.constant, "step", .cast(.int32, row))] : []) + pointers()
          + [
            .expression(.call("\(self.body.scope.name)__stages", [step, "thread", "threads"])),
            .conditional(.binary(.greater, "threads", 1), [meet], []),
          ]))
    return [withFrame(of: "f", body)]
  }

  /// Whether anything depends on which step it is.
  private var usesStep: Bool {
    scan.scan.rowCount > 0 || !scan.results.outputs.isEmpty || !scan.results.before.isEmpty
      || scan.step.program.inputs.contains { $0.name == ScanBody.step }
  }

  private var meet: CStatement { .expression(.call("el_team_barrier", [.field("f", "team"), "thread"])) }

  private func isCapture(_ operand: Int) -> Bool { operand >= scan.scan.body.carryCount + scan.scan.rowCount }

  /// Sets a pointer of the step's frame, if the step has it.
  private func set(_ input: String, to value: CExpression) -> [CStatement] {
    guard let position = scan.step.program.inputs.firstIndex(where: { $0.name == input }),
      let buffer = scan.step.buffers.firstIndex(where: { $0.storage == .input(position) })
    else { return [] }
    return [.assign(.field(step, self.body.scope.context.fields[buffer]), .assign, value)]
  }

  /// The carries that the first step finds, where those of all steps are kept.
  private func beginning() -> [CStatement] {
    let copies = scan.results.before.sorted { $0.key < $1.key }.map { carry, buffer -> CStatement in
      let type = context.schedule.buffers[scan.operands[carry]]
      let first: CExpression = scan.scan.isReversed ? .integer(scan.scan.count - 1) : 0
      return .expression(
        .call(
          "memcpy",
          [
            context.pointer(buffer, isWritten: true) + first * elements(buffer),
            context.pointer(scan.operands[carry], isWritten: false),
            .cast(.size, (type.shape.elementCount * Dimension(type.dtype.byteCount)).inFrame("f")),
          ]))
    }
    guard !copies.isEmpty else { return [] }
    return [
      .conditional(.binary(.equal, "thread", 0), copies, []), .conditional(.binary(.greater, "threads", 1), [meet], []),
    ]
  }

  /// The elements of a row of what all steps leave.
  private func elements(_ buffer: Int) -> CExpression { context.schedule.buffers[buffer].strides[0].inFrame("f") }

  private func pointers() -> [CStatement] {
    var statements = set(ScanBody.step, to: .unary(.address, "step"))
    for (operand, buffer) in scan.operands.enumerated() where !isCapture(operand) {
      let carries = scan.scan.body.carryCount
      if operand >= carries {
        statements += set(
          scan.scan.input(operand), to: context.pointer(buffer, isWritten: false) + "step" * elements(buffer))
      } else {
        statements += set(scan.scan.input(operand), to: before(operand))
        statements += leave(operand, at: after(operand))
      }
    }
    for (index, (_, buffer)) in scan.results.outputs.sorted(by: { $0.key < $1.key }).enumerated() {
      statements += leave(
        scan.scan.body.carryCount + index, at: context.pointer(buffer, isWritten: true) + "step" * elements(buffer))
    }
    return statements
  }

  private func leave(_ output: Int, at place: CExpression) -> [CStatement] {
    scan.step.buffers.indices.filter { scan.step.buffers[$0].storage == .output(output) }.map {
      .assign(.field(step, self.body.scope.context.fields[$0]), .assign, place)
    }
  }

  // MARK: Where carries are

  private func pointer(_ place: ScheduledScan.Place) -> CExpression {
    switch place {
    case .whole(let buffer): return context.pointer(buffer, isWritten: scan.results.all.contains(buffer))
    case .row(let buffer, let ahead):
      let row: CExpression = "step" + .integer(scan.scan.isReversed ? -ahead : ahead)
      return context.pointer(buffer, isWritten: true) + row * elements(buffer)
    }
  }

  /// One of two places, as the step's distance from the last is even or odd.
  private func alternating(_ even: CExpression, _ odd: CExpression) -> CExpression {
    even == odd
      ? even : .conditional(.binary(.modulo, .integer(scan.scan.count - 1) - "i", 2), odd, even)
  }

  private func before(_ carry: Int) -> CExpression {
    let first = pointer(scan.placeBefore(carry, isFirst: true, isEven: true))
    guard scan.scan.count > 1 else { return first }
    let even = pointer(scan.placeBefore(carry, isFirst: false, isEven: true))
    let later = alternating(even, pointer(scan.placeBefore(carry, isFirst: false, isEven: false)))
    return later == first ? first : .conditional(.binary(.equal, "i", 0), first, later)
  }

  private func after(_ carry: Int) -> CExpression {
    let last = pointer(scan.placeAfter(carry, isLast: true, isEven: true))
    guard scan.scan.count > 1 else { return last }
    let even = pointer(scan.placeAfter(carry, isLast: false, isEven: true))
    let earlier = alternating(even, pointer(scan.placeAfter(carry, isLast: false, isEven: false)))
    guard scan.results.before[carry] != nil else { return earlier }
    return .conditional(.binary(.equal, "i", .integer(scan.scan.count - 1)), last, earlier)
  }
}

extension Dimension {
  /// The extent as an expression of symbols that are fields of a frame.
  fileprivate func inFrame(_ frame: CExpression) -> CExpression {
    terms.reduce(.integer(constant)) { sum, term in
      sum + term.symbols.reduce(CExpression.integer(term.coefficient)) { $0 * .field(frame, Naming.symbol($1)) }
    }
  }
}
