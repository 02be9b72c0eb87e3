import Elbow

/// Runs signatures compiled and by the reference evaluator, from the same state on the same inputs.
struct ModelCheck {
  let model: Model
  let compiled: CompiledModel
  let batchSize: Int
  let seed: UInt64

  /// The compiled model's variables.
  func state() throws -> [String: HostArray] {
    var state: [String: HostArray] = [:]
    for name in compiled.variableNames { state[name] = try compiled.value(of: name) }
    return state
  }

  /// How far every output and every updated variable is off, in units of what its worst element may be (``ExpectedResults``).
  func compare(_ signature: Signature) throws -> [VerifyCommand.Finding] {
    let program = try model.graph.program(signature)
    var inputs = SyntheticInputs(seed: seed)
    let feeds = try inputs.feeds(program, batchSize: batchSize)
    let random = RandomState(seed: compiled.randomState.seed, counter: compiled.randomState.counter)
    var expected = try ExpectedResults(program, feeding: feeds, state: state(), random: random)
    let outputs = try compiled.run(signature.name, inputs: feeds)
    var updates: [String: HostArray] = [:]
    for update in program.updates {
      let name = program.variables[update.variable].name
      updates[name] = try compiled.value(of: name)
    }
    return try expected.compare(.init(outputs: outputs, updates: updates)).map { comparison in
      VerifyCommand.Finding(
        signature: signature.name, value: comparison.name, error: comparison.error,
        isGood: comparison.isGood, detail: ModelCheck.detail(comparison))
    }
  }

  /// The mistake in words, for results that have one.
  private static func detail(_ comparison: ExpectedResults.Comparison) -> String? {
    guard !comparison.isGood else { return nil }
    guard let worst = comparison.worst else { return "another dtype or shape than the graph's, or missing" }
    let count = comparison.wrongCount == 1 ? "1 element" : "\(comparison.wrongCount) elements"
    return "\(count); at \(worst.index) \(worst.found), not \(worst.expected) within \(worst.bound)"
  }
}
