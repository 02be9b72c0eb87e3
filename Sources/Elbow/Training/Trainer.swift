import ElbowArrays
import ElbowData
import ElbowGraph
import ElbowRuntime
import Foundation

/// Trains a compiled model on a data set.
///
/// ```swift
/// let trainer = try Trainer(model, compiled: CompiledModel(contentsOf: library, seed: 42))
/// let report = try trainer.train(on: NamedDatasets.load("digits"), epochs: 20)
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
  /// Whether the validation data is gone through after every epoch; otherwise once, at the end.
  public var validatesEachEpoch = false

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

  /// Trains, and evaluates.
  ///
  /// When a loss or weight becomes NaN or infinite, training stops and the weights are those of the last good epoch, or with
  /// ``checksNumerics`` those before the step.
  ///
  /// - Parameter callbacks: What watches, in the order in which they are called.
  /// - Throws: `ElbowError` of kind `data` when the data set is not what the model takes, `numerics` when a loss is not
  ///   finite, which says when; and what callbacks throw.
  public func train(
    on data: DataSplit, epochs: Int, callbacks: [any TrainingCallback] = []
  ) throws -> TrainingReport {
    guard epochs >= 0 else {
      throw ElbowError(.invalidArgument, "Training takes at least 0 epochs, not \(epochs).")
    }
    guard data.training.count > 0 else {
      throw ElbowError(.data, "The data set \(data.training.name) has no training examples.")
    }
    let signature = try SignatureRunner(compiled, "train", constants: constants(data))
    try signature.check(data.training)
    let run = TrainingRun(
      model: model, compiled: compiled, epochs: epochs,
      stepsPerEpoch: (data.training.count + batchSize - 1) / batchSize, batchSize: batchSize,
      examplesPerEpoch: data.training.count)
    let start = ContinuousClock.now
    var good = try StateCopy(compiled)
    for callback in callbacks { try callback.onTrainBegin(run) }
    while run.epoch < epochs, run.stopReason == nil {
      run.beginEpoch(signature.outputNames)
      for callback in callbacks { try callback.onEpochBegin(run) }
      let epochStart = ContinuousClock.now
      try trainEpoch(run, signature, data.training, callbacks, since: good)
      guard run.step == run.stepsPerEpoch else { break }
      try keepGood(&good, run)
      var summary = EpochSummary(
        epoch: run.epoch, losses: run.losses, seconds: (ContinuousClock.now - epochStart).seconds)
      if validatesEachEpoch {
        summary.validation = try evaluate(on: data.validation, trainingCount: data.training.count)
      }
      run.report.epochs.append(summary)
      for callback in callbacks { try callback.onEpochEnd(summary, run) }
    }
    run.report.seconds = (ContinuousClock.now - start).seconds
    run.report.validation =
      validatesEachEpoch
      ? run.report.epochs.last?.validation ?? []
      : try evaluate(on: data.validation, trainingCount: data.training.count)
    for callback in callbacks { try callback.onTrainEnd(run) }
    return run.report
  }

  /// The steps of an epoch that are left, unless a callback stops them.
  private func trainEpoch(
    _ run: TrainingRun, _ signature: SignatureRunner, _ data: Dataset, _ callbacks: [any TrainingCallback],
    since good: StateCopy
  ) throws {
    let shuffled = data.shuffled(seed: seed &+ UInt64(run.epoch))
    var steps = EpochSteps(
      shuffled, batches: try shuffled.batches(of: batchSize),
      oneByOne: checksNumerics || callbacks.contains(where: \.needsEveryStep) || !signature.canRunManySteps)
    while run.step < run.stepsPerEpoch, run.stopReason == nil {
      let before = checksNumerics ? try StateCopy(compiled) : nil
      let done = try steps.next(signature, from: run.step)
      if let before, let batch = done.batch {
        try checkNumerics(done.losses.compactMap(\.last), of: signature, batch, since: before, run)
      }
      if let bad = done.firstNonFinite {
        try good.restore(to: compiled)
        let name = signature.outputNames[bad.loss]
        throw diverged("the output '\(name)' of 'train' is \(bad.value)", run, run.step + bad.step + 1)
      }
      run.add(done)
      for callback in callbacks { try callback.onStepEnd(run) }
    }
  }

  /// The means of the losses over a data set; empty if the model has no signature `evaluate` or the data no examples.
  ///
  /// Random numbers go on afterwards where they were before, so that training does not depend on when it is validated.
  public func evaluate(on data: Dataset, trainingCount: Int? = nil) throws -> [NamedLoss] {
    guard model.evaluate != nil, data.count > 0 else { return [] }
    let signature = try SignatureRunner(
      compiled, "evaluate", constants: ["dataset_size": Double(trainingCount ?? data.count)])
    try signature.check(data)
    let random = compiled.randomState
    defer { compiled.randomState = random }
    var means = LossMeans(signature.outputNames)
    for batch in try data.batches(of: batchSize) {
      means.add(try signature.run(batch).map { [$0] }, weight: batch.count)
    }
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
}
