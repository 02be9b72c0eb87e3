import Elbow

/// Runs signatures compiled and by the reference evaluator, from the same state on the same inputs.
struct ModelCheck {
  let model: Model
  let compiled: CompiledModel
  let batchSize: Int
  let seed: UInt64
  let tolerance: Double

  /// The compiled model's variables.
  func state() throws -> [String: HostArray] {
    var state: [String: HostArray] = [:]
    for name in compiled.variableNames { state[name] = try compiled.value(of: name) }
    return state
  }

  /// How far every output and every updated variable is off.
  func compare(_ signature: Signature) throws -> [VerifyCommand.Finding] {
    let program = try model.graph.program(signature)
    var inputs = SyntheticInputs(seed: seed)
    let feeds = try inputs.feeds(program, batchSize: batchSize)
    let random = RandomState(seed: compiled.randomState.seed, counter: compiled.randomState.counter)
    let expected = try ReferenceEvaluator(program).run(feeding: feeds, state: state(), random: random)
    let found = try compiled.run(signature.name, inputs: feeds)
    var findings: [VerifyCommand.Finding] = []
    func add(_ name: String, _ found: HostArray?, _ expected: HostArray) {
      let error = found.map { ModelCheck.relativeError($0, expected) } ?? .infinity
      findings.append(.init(signature: signature.name, value: name, error: error, isGood: error <= tolerance))
    }
    for output in program.outputs {
      if let value = expected.outputs[output.name] { add(output.name, found[output.name], value) }
    }
    for name in expected.updates.keys.sorted() {
      if let value = expected.updates[name] { add(name, try compiled.value(of: name), value) }
    }
    return findings
  }

  /// The root mean square of the difference relative to that of the expected values; infinite where dtypes, shapes, or
  /// NaN and infinities differ. Integers and booleans differ by 0 or by infinity.
  static func relativeError(_ found: HostArray, _ expected: HostArray) -> Double {
    guard found.dtype == expected.dtype, found.shape == expected.shape else { return .infinity }
    guard expected.dtype.isFloatingPoint else { return found == expected ? 0 : .infinity }
    var (difference, size) = (0.0, 0.0)
    for (a, b) in zip(found.doubles, expected.doubles) {
      guard a.isFinite, b.isFinite else {
        if a == b || (a.isNaN && b.isNaN) { continue }
        return .infinity
      }
      difference += (a - b) * (a - b)
      size += b * b
    }
    // Values that are all nearly zero agree when the difference is as small.
    let count = Double(max(expected.count, 1))
    return (difference / count).squareRoot() / max((size / count).squareRoot(), 1e-6)
  }
}
