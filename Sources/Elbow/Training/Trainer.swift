import ElbowArrays
import ElbowData
import ElbowGraph
import ElbowRuntime
import Foundation

/// Trains a compiled model on a data set.
///
/// ```swift
/// let trainer = try Trainer(model, compiled: CompiledModel(contentsOf: library, seed: 42))
/// let report = try trainer.train(on: NamedDatasets.load("digits"), epochs: 20) { print($0) }
/// ```
///
/// Placeholders get the columns of their names; `dataset_size`, where a model has it, the number of training examples;
/// and `learning_rate` the rate that is given.
public final class Trainer {
  public let model: Model
  public let compiled: CompiledModel
  /// The examples in a step; the last step of an epoch takes what is left.
  public let batchSize: Int
  /// Fed as `learning_rate`; nil for the model's own.
  public let learningRate: Double?
  /// Of the order of the examples.
  public let seed: UInt64
  /// Whether every step is checked for NaN and infinity, in its losses and in the variables it updates. A step that makes
  /// one changes nothing, and the error names the operation and the user's line that made it first. Costs two copies of the
  /// variables for each step, and a slow second run when something is found.
  public var checksNumerics = false

  /// - Throws: `ElbowError` when the batch size or learning rate is out of range, or the model has no training step or
  ///   no learning rate.
  public init(
    _ model: Model, compiled: CompiledModel, batchSize: Int = 100, learningRate: Double? = nil, seed: UInt64 = 0
  ) throws {
    guard model.train != nil else {
      throw ElbowError(.invalidArgument, "The model '\(model.name)' cannot be trained: it has no signature 'train'.")
    }
    guard batchSize > 0 else {
      throw ElbowError(.invalidArgument, "A batch needs at least 1 example, not \(batchSize).")
    }
    if let learningRate, !(learningRate.isFinite && learningRate > 0) {
      throw ElbowError(.invalidArgument, "A learning rate is a positive number, not \(learningRate).")
    }
    self.model = model
    self.compiled = compiled
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.seed = seed
  }

  /// Trains, and evaluates at the end.
  ///
  /// When a loss or weight becomes NaN or infinite, training stops and the weights are those of the last good epoch, or with
  /// ``checksNumerics`` those before the step.
  ///
  /// - Parameter progress: Called after every step and after every epoch.
  /// - Throws: `ElbowError` of kind `data` when the data set is not what the model takes, `numerics` when a loss is not
  ///   finite, which says when.
  public func train(
    on data: DataSplit, epochs: Int, progress: (TrainingProgress) throws -> Void = { _ in }
  ) throws -> TrainingReport {
    guard epochs >= 0 else {
      throw ElbowError(.invalidArgument, "Training takes at least 0 epochs, not \(epochs).")
    }
    guard data.training.count > 0 else {
      throw ElbowError(.data, "The data set \(data.training.name) has no training examples.")
    }
    let step = try SignatureRunner(compiled, "train", constants: constants(data))
    try step.check(data.training)
    var good = try StateCopy(compiled)
    var report = TrainingReport()
    let start = ContinuousClock.now
    for epoch in 1...max(epochs, 1) where epoch <= epochs {
      var means = LossMeans(step.outputNames)
      let epochStart = ContinuousClock.now
      let batches = try data.training.shuffled(seed: seed &+ UInt64(epoch)).batches(of: batchSize)
      for (index, batch) in batches.enumerated() {
        let before = checksNumerics ? try StateCopy(compiled) : nil
        let stepStart = ContinuousClock.now
        let losses = try step.run(batch)
        report.stepSeconds.append((ContinuousClock.now - stepStart).seconds)
        if let before {
          try checkNumerics(losses, of: step, batch, since: before, at: "epoch \(epoch), step \(index + 1)")
        }
        if let bad = losses.firstIndex(where: { !$0.isFinite }) {
          try good.restore(to: compiled)
          throw diverged(
            "the output '\(step.outputNames[bad])' of 'train' is \(losses[bad])", epoch, index + 1, batches.count)
        }
        means.add(losses, weight: batch.count)
        try progress(.step(epoch: epoch, step: index + 1, steps: batches.count, losses: means.values))
      }
      let now = try StateCopy(compiled)
      if let name = now.nonFiniteVariable {
        try good.restore(to: compiled)
        throw diverged("the variable '\(name)' holds NaN or infinity", epoch, batches.count, batches.count)
      }
      good = now
      let seconds = (ContinuousClock.now - epochStart).seconds
      let summary = EpochSummary(epoch: epoch, losses: means.values, seconds: seconds)
      report.epochs.append(summary)
      try progress(.epoch(summary))
    }
    report.seconds = (ContinuousClock.now - start).seconds
    report.validation = try evaluate(on: data.validation, trainingCount: data.training.count)
    return report
  }

  /// The means of the losses over a data set; empty if the model has no signature `evaluate` or the data no examples.
  public func evaluate(on data: Dataset, trainingCount: Int? = nil) throws -> [NamedLoss] {
    guard model.evaluate != nil, data.count > 0 else { return [] }
    let signature = try SignatureRunner(
      compiled, "evaluate", constants: ["dataset_size": Double(trainingCount ?? data.count)])
    try signature.check(data)
    var means = LossMeans(signature.outputNames)
    for batch in try data.batches(of: batchSize) { means.add(try signature.run(batch), weight: batch.count) }
    return means.values
  }

  private func constants(_ data: DataSplit) throws -> [String: Double] {
    var constants = ["dataset_size": Double(data.training.count)]
    if let learningRate {
      guard try compiled.prepare("train").signature.inputs.contains(where: { $0.name == "learning_rate" }) else {
        throw ElbowError(
          .invalidArgument,
          "The model '\(model.name)' has no placeholder 'learning_rate', so its learning rate cannot be set.")
      }
      constants["learning_rate"] = learningRate
    }
    return constants
  }

  /// Undoes a step that made NaN or infinity, and throws what made it.
  private func checkNumerics(
    _ losses: [Double], of step: SignatureRunner, _ batch: Batch, since before: StateCopy, at place: String
  ) throws {
    guard let train = model.train else { return }
    let isGood = try losses.allSatisfy(\.isFinite) && StateCopy(compiled).nonFiniteVariable == nil
    guard !isGood else { return }
    try before.restore(to: compiled)
    let state = Dictionary(before.values.map { ($0.name, $0.array) }) { first, _ in first }
    let random = RandomState(seed: before.random.seed, counter: before.random.counter)
    var error = try NumericsCheck(program: model.graph.program(train)).explain(step.feeds(batch), state, random)
    error.notes += [
      "training of '\(model.name)' stopped in \(place)", "the weights are those before that step",
    ]
    throw error
  }

  private func diverged(_ what: String, _ epoch: Int, _ step: Int, _ steps: Int) -> ElbowError {
    let kept = epoch == 1 ? "those that training began with" : "those after epoch \(epoch - 1)"
    return ElbowError(
      .numerics,
      "Training of '\(model.name)' stopped in epoch \(epoch), step \(step) of \(steps): \(what).",
      notes: ["the weights are \(kept)", "a smaller learning rate often helps"])
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
