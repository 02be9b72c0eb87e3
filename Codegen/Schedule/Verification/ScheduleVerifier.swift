import ElbowArrays
import ElbowGraph

/// Finds out whether a schedule still computes what its kernels compute one after the other: after each pass that fuses, moves
/// or shares.
///
/// Both are run on fingerprints (`ScheduleInterpreter`), so that a value that is read too early or too late, is overwritten,
/// or lies where another one does shows as a wrong result, whatever the numbers.
package struct ScheduleVerifier {
  private let expected: [String: [Fingerprint?]]
  private let bindings: [String: Int]
  private let layout: StateLayout

  /// The steps of kernels' loops, times operations, that are worth the runs of a verification.
  package static let workLimit = 100_000

  /// - Parameters:
  ///   - kernels: The kernels before they are in stages, each buffer by itself.
  ///   - workLimit: The steps of all loops, times operations, from which on nothing is verified.
  /// - Returns: Nil if the kernels are too much work, or their extents cannot all be chosen freely.
  init?(_ kernels: Schedule, workLimit: Int = ScheduleVerifier.workLimit) throws {
    let extents = [5, 3, 7, 4, 6, 9, 11, 8]
    let symbols = kernels.program.symbols.sorted().enumerated()
    bindings = Dictionary(uniqueKeysWithValues: symbols.map { ($1, extents[$0 % extents.count]) })
    layout = try StateLayout(kernels.program.variables)
    guard let work = ScheduleVerifier.work(kernels, kernels.bindings(bindings)), work <= workLimit else { return nil }
    do {
      var interpreter = try ScheduleInterpreter(kernels, bindings, layout: nil)
      try interpreter.runByDemand()
      expected = ScheduleVerifier.results(interpreter)
    } catch let fault as ScheduleInterpreter.Fault {
      throw ScheduleVerifier.error("before it was put into stages", kernels, fault)
    }
  }

  /// - Parameters:
  ///   - pass: The pass that made the schedule, for the message.
  ///   - isLast: Whether it is run in both orders, and not in reverse alone, which shows nearly everything.
  /// - Throws: `ElbowError` that says what the schedule computes wrongly.
  func check(_ schedule: Schedule, after pass: String, isLast: Bool = true) throws {
    // Before memory is planned, where a plan of the schedule as it is would put it.
    let planned = schedule.memory.isEmpty ? schedule.planned() : schedule
    do {
      for isReversed in isLast ? [false, true] : [true] {
        var interpreter = try ScheduleInterpreter(planned, bindings, layout: layout, isReversed: isReversed)
        try interpreter.run()
        let found = ScheduleVerifier.results(interpreter)
        for (name, values) in expected.sorted(by: { $0.key < $1.key }) {
          guard let element = values.indices.first(where: { values[$0] != found[name]?[$0] }) else { continue }
          throw ScheduleInterpreter.Fault(kernel: -1, message: "element \(element) of \(name) has another value")
        }
      }
    } catch let fault as ScheduleInterpreter.Fault {
      throw ScheduleVerifier.error("after '\(pass)'", schedule, fault)
    }
  }

  /// Outputs, and variables after the run.
  private static func results(_ interpreter: ScheduleInterpreter) -> [String: [Fingerprint?]] {
    let program = interpreter.schedule.program
    var results: [String: [Fingerprint?]] = [:]
    for (index, buffer) in interpreter.schedule.buffers.enumerated() {
      switch buffer.storage {
      case .output(let position): results["output '\(program.outputs[position].name)'"] = interpreter.elements(index)
      case .variable(let variable):
        let name = "variable '\(program.variables[variable].name)'"
        guard results[name] == nil || !buffer.isOldValue(in: program) else { continue }
        results[name] = interpreter.elements(index)
      default: break
      }
    }
    return results
  }

  private static func error(
    _ moment: String, _ schedule: Schedule, _ fault: ScheduleInterpreter.Fault
  ) -> ElbowError {
    let nodes = schedule.kernels.indices.contains(fault.kernel) ? schedule.kernels[fault.kernel].nodes : []
    let names = nodes.map { type(of: schedule.program.nodes[$0].primitive).name }
    let place = names.isEmpty ? "" : " (kernel \(fault.kernel): \(names.joined(separator: ", ")))"
    return ElbowError(
      .internal,
      "The schedule of '\(schedule.program.name)' is wrong \(moment): \(fault.message)\(place). This is a fault of Elbow's.",
      at: nodes.last.flatMap { schedule.program.nodes[$0].source.resolve() })
  }

  /// The steps of all loops, times operations.
  private static func work(_ schedule: Schedule, _ bindings: [String: Int]) -> Int? {
    var total = 0.0
    for buffer in schedule.buffers {
      guard let count = buffer.shape.elementCount.evaluated(with: bindings), count >= 0 else { return nil }
      total += Double(count)
    }
    for kernel in schedule.kernels {
      var steps = 1.0
      for loop in kernel.loops {
        guard let extent = loop.extent.evaluated(with: bindings), extent >= 0 else { return nil }
        steps *= Double(extent)
      }
      if case .map(let instructions, _) = kernel.body { steps *= Double(instructions.count) }
      total += steps
    }
    return total < 1e15 ? Int(total) : nil
  }
}
