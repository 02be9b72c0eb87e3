import ElbowArrays
import ElbowData
import ElbowGraph

// The response to a step that makes NaN or infinity.
extension Trainer {
  /// Undoes a step that made NaN or infinity, and throws what made it.
  func checkNumerics(
    _ losses: [Double], of step: SignatureRunner, _ batch: Batch, since before: StateCopy, _ run: TrainingRun
  ) throws {
    guard let train = model.train else { return }
    let isGood = try losses.allSatisfy(\.isFinite) && StateCopy(compiled).nonFiniteVariable == nil
    guard !isGood else { return }
    try before.restore(to: compiled)
    let state = Dictionary(before.values.map { ($0.name, $0.array) }) { first, _ in first }
    let random = RandomState(seed: before.random.seed, counter: before.random.counter)
    var error = try NumericsCheck(program: model.graph.program(train)).explain(step.feeds(batch), state, random)
    error.notes += [
      "training of '\(model.name)' stopped in epoch \(run.epoch), step \(run.step + 1)",
      "the weights are those before that step",
    ]
    throw error
  }

  /// The variables after an epoch, if all are finite; otherwise those after the epoch before are set, and it throws.
  func keepGood(_ good: inout StateCopy, _ run: TrainingRun) throws {
    let now = try StateCopy(compiled)
    if let name = now.nonFiniteVariable {
      try good.restore(to: compiled)
      throw diverged("the variable '\(name)' holds NaN or infinity", run, run.step)
    }
    good = now
  }

  func diverged(_ what: String, _ run: TrainingRun, _ step: Int) -> ElbowError {
    let kept = run.epoch == 1 ? "those that training began with" : "those after epoch \(run.epoch - 1)"
    return ElbowError(
      .numerics,
      "Training of '\(model.name)' stopped in epoch \(run.epoch), step \(step) of \(run.stepsPerEpoch): \(what).",
      notes: ["the weights are \(kept)", "a smaller learning rate often helps"])
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
