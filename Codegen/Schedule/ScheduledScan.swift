import ElbowGraph

/// A loop whose steps are schedules of their own, one after the other; the carries go back and forth between two places.
package struct ScheduledScan: Sendable {
  /// The results of a loop that are wanted, by carry or output, as buffers.
  package struct Results: Sendable {
    package var last: [Int: Int] = [:]
    package var before: [Int: Int] = [:]
    package var outputs: [Int: Int] = [:]
    /// Where a carry is while nobody else keeps it: one place, or two.
    package var scratch: [Int: [Int]] = [:]

    package var all: Set<Int> {
      Set(last.values).union(before.values).union(outputs.values).union(scratch.values.joined())
    }
  }

  /// The work of a step. Its inputs are the body's; its outputs the carries, and the outputs that are wanted.
  package var step: Schedule
  package var scan: Scan
  /// The buffers of the operands.
  package var operands: [Int]
  package var results: Results
}

extension ScheduledScan {
  /// A buffer, and in it perhaps the row of a step.
  package enum Place: Equatable {
    case whole(Int)
    /// The row of the step that is the given number of steps away from the present one.
    case row(Int, ahead: Int)
  }

  /// Where a step finds a carry and leaves it; `isFirst` and `isLast` tell steps apart, and `isEven` those in between, counted
  /// from the last.
  package func placeBefore(_ carry: Int, isFirst: Bool, isEven: Bool) -> Place {
    if let rows = results.before[carry] { return .row(rows, ahead: 0) }
    return isFirst ? .whole(operands[carry]) : placeAfter(carry, isLast: false, isEven: !isEven)
  }

  package func placeAfter(_ carry: Int, isLast: Bool, isEven: Bool) -> Place {
    if let rows = results.before[carry], !isLast { return .row(rows, ahead: 1) }
    let places = (results.last[carry].map { [$0] } ?? []) + (results.scratch[carry] ?? [])
    return .whole(isEven || isLast ? places[0] : places[1])
  }
}

extension KernelLowering {
  /// Whether two nodes are results of one loop.
  func areOneLoop(_ a: Int, _ b: Int) -> Bool {
    guard let x = program.nodes[a].primitive as? Scan, let y = program.nodes[b].primitive as? Scan else { return false }
    return x.with(y.result) == y && program.nodes[a].inputs == program.nodes[b].inputs
  }

  /// The kernel of a loop, with all its results; nil if an earlier node stands for it.
  mutating func lower(_ scan: Scan, _ node: Int) throws -> Kernel? {
    let siblings = program.nodes.indices.filter { areOneLoop(node, $0) && groups.bufferOf[$0] != nil }
    guard siblings.first == node else { return nil }
    var results = ScheduledScan.Results()
    for sibling in siblings {
      guard let result = (program.nodes[sibling].primitive as? Scan)?.result, let buffer = groups.bufferOf[sibling]
      else { continue }
      switch result {
      case .last(let index): results.last[index] = buffer
      case .before(let index): results.before[index] = buffer
      case .output(let index): results.outputs[index] = buffer
      }
    }
    for carry in 0..<scan.body.carryCount {
      let places = (results.last[carry] == nil ? 0 : 1)
      let needed = results.before[carry] != nil || scan.count == 1 ? 1 : 2
      results.scratch[carry] = (places..<max(places, needed)).map { _ in
        scratch(scan.body.resultType(carry), node)
      }
    }
    let operands = program.nodes[node].inputs.compactMap { groups.bufferOf[$0] }
    // Each loop of a large program is verified by itself, and may not take as long as the program.
    var pipeline = pipeline
    pipeline.workLimit = min(pipeline.workLimit, ScheduleVerifier.workLimit)
    let scheduled = ScheduledScan(
      step: try pipeline.run(step(scan, results), options), scan: scan, operands: operands, results: results)
    return Kernel(loops: [], body: .scan(scheduled), nodes: siblings)
  }

  private mutating func scratch(_ type: TensorType, _ node: Int) -> Int {
    addBuffer(Buffer(node: node, dtype: type.dtype, shape: type.shape, storage: .arena))
  }

  /// The body without the outputs that nobody wants.
  private func step(_ scan: Scan, _ results: ScheduledScan.Results) -> Program {
    var program = scan.body.program
    let outputs = scan.body.program.outputs
    let wanted = results.outputs.keys.sorted().map { outputs[scan.body.carryCount + $0] }
    program.outputs = [Program.Output](outputs[..<scan.body.carryCount]) + wanted
    return program.withoutDeadNodes().withoutUnusedInputs()
  }
}
