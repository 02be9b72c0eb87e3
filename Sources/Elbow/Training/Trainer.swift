import ElbowArrays
import ElbowData
import ElbowGraph
import ElbowRuntime
import Foundation

/// Trains a compiled model on a data set.
///
/// ```swift
/// let digits = try NamedDatasets.load("digits")
/// let trainer = try Trainer(model, compiled: CompiledModel(contentsOf: library, seed: 42))
/// let report = try trainer.train(
///   on: DataPipeline(digits.training, batchSize: 100).shuffled(seed: 42),
///   validation: DataPipeline(digits.validation, batchSize: 100), epochs: 20)
/// ```
///
/// Placeholders get the columns of their names; `dataset_size`, where a model has it, the number of training examples;
/// and `learning_rate` the rate that is given, or the model's own; callbacks may change it (``TrainingRun/learningRates``).
public final class Trainer {
  /// The model that is trained.
  public let model: Model
  /// Its compiled code, with the variables that training changes.
  public let compiled: CompiledModel
  /// The learning rate that training begins with; nil for the model's own.
  public let learningRate: Double?
  /// The learning rates that training begins with, by the names of their inputs.
  private let learningRates: [String: Double]
  /// Whether every step is checked for NaN and infinity, in its losses and in the variables it updates. A step that
  /// makes one changes nothing, and the error names the operation and the user's line that made it first. Costs two
  /// copies of the variables for each step, and a slow second run when something is found.
  public var checksNumerics = false
  /// Whether the validation data is gone through after every epoch; otherwise once, at the end.
  public var validatesEachEpoch = true

  /// - Throws: `ElbowError` when the learning rate is out of range, or the model has no training step or no learning
  ///   rate.
  public init(_ model: Model, compiled: CompiledModel, learningRate: Double? = nil) throws {
    self.model = model
    self.compiled = compiled
    self.learningRate = learningRate
    learningRates = try namingTheCallersLine { try Trainer.learningRates(of: model, compiled, learningRate) }
  }

  private static func learningRates(
    of model: Model, _ compiled: CompiledModel, _ chosen: Double?
  ) throws -> [String: Double] {
    guard model.train != nil else {
      throw ElbowError(.invalidArgument, "The model '\(model.name)' cannot be trained: it has no signature 'train'.")
    }
    let taken = Set(try compiled.prepare(.train).signature.inputs.map(\.name))
    let inputs = model.graph.placeholders.filter {
      taken.contains($0.name) && LearningRate.isName($0.name) && $0.type.shape.rank == 0
        && $0.type.dtype.isFloatingPoint
    }
    var rates: [String: Double] = [:]
    for input in inputs { rates[input.name] = input.defaultValue?.doubles.first }
    guard let chosen else { return rates }
    guard chosen.isFinite && chosen > 0 else {
      throw ElbowError(.invalidArgument, "A learning rate is a positive number, not \(chosen).")
    }
    guard let name = inputs.count == 1 ? inputs[0].name : inputs.map(\.name).first(where: { $0 == "learning_rate" })
    else {
      throw ElbowError(
        .invalidArgument,
        "The model '\(model.name)' has no placeholder 'learning_rate', so its learning rate cannot be set.")
    }
    rates[name] = chosen
    return rates
  }

  /// Trains, and evaluates.
  ///
  /// When a loss or weight becomes NaN or infinite, training stops and the weights are those of the last good epoch, or
  /// with ``checksNumerics`` those before the step.
  ///
  /// - Parameters:
  ///   - data: The data set for the steps of each epoch.
  ///   - validation: The data set that the model is evaluated on; nil for nothing.
  ///   - epochs: How often the training data is gone through, those before a resumption included.
  ///   - callbacks: The observers, in the order in which they are called; ``Checkpoints`` come last.
  ///   - checkpoint: Where to go on, as if training had never stopped; nil for the beginning.
  /// - Throws: `ElbowError` of kind `data` when the data set is not what the model takes, `numerics` when a loss is not
  ///   finite, which says when, `file` when the checkpoint is of another graph or of other training; and what callbacks
  ///   throw.
  public func train(
    on data: DataPipeline, validation: DataPipeline? = nil, epochs: Int, callbacks: [any TrainingCallback] = [],
    from checkpoint: Checkpoint? = nil
  ) throws -> TrainingReport {
    try namingTheCallersLine { try run(data, validation, epochs, callbacks, checkpoint) }
  }

  private func run(
    _ data: DataPipeline, _ validation: DataPipeline?, _ epochs: Int, _ callbacks: [any TrainingCallback],
    _ checkpoint: Checkpoint?
  ) throws -> TrainingReport {
    guard epochs >= 1 else {
      throw ElbowError(.invalidArgument, "Training takes at least 1 epoch, not \(epochs).")
    }
    let signature = try SignatureRunner(
      compiled, .train, metrics: model.metricValues.keys, constants: ["dataset_size": Double(data.exampleCount)])
    try signature.check(data)
    try checkValues(of: data, for: model.train, signature)
    if let validation, model.evaluate != nil { _ = try evaluation(of: validation, data.exampleCount) }
    let run = TrainingRun(
      model: model, compiled: compiled, data: data, epochs: epochs, learningRate: learningRate,
      learningRates: learningRates, figures: signature.means, callbacks: callbacks)
    try checkpoint?.restore(to: run)
    let start = ContinuousClock.now
    var good = try StateCopy(compiled)
    for callback in run.callbacks { try callback.onTrainBegin(run) }
    while run.epoch < epochs || (run.isWithinEpoch && run.epoch == epochs), run.stopReason == nil {
      if !run.isWithinEpoch { run.beginEpoch() }
      for callback in run.callbacks { try callback.onEpochBegin(run) }
      try finishEpoch(run, signature, data, since: good)
      guard run.step == run.stepsPerEpoch else { break }
      try keepGood(&good, run)
      try summarize(run, validation: validatesEachEpoch ? validation : nil)
    }
    run.report.seconds = (ContinuousClock.now - start).seconds
    run.report.stopReason = run.stopReason
    run.report.validation = run.report.epochs.last?.validation ?? []
    if run.report.validation.isEmpty, run.stopReason == nil, let validation {
      run.report.validation = try evaluate(on: validation, trainingCount: data.exampleCount)
    }
    // A file that cannot be written must not keep the others, such as the last checkpoint, from being written.
    let endings = run.callbacks.reversed().map { callback in Result { try callback.onTrainEnd(run) } }
    for ending in endings { try ending.get() }
    return run.report
  }

  /// The steps of an epoch that are left, unless a callback stops them.
  private func finishEpoch(
    _ run: TrainingRun, _ signature: SignatureRunner, _ data: DataPipeline, since good: StateCopy
  ) throws {
    var steps = try EpochSteps(
      data, epoch: run.epoch, from: run.step,
      oneByOne: checksNumerics || run.callbacks.contains(where: \.needsEveryStep) || !signature.canRunManySteps)
    while run.stopReason == nil {
      try signature.feed(checked(run.learningRates))
      let before = checksNumerics ? try StateCopy(compiled) : nil
      guard let done = try steps.next(signature) else { return }
      if let before, let batch = done.batch {
        try checkNumerics([Double](done.figures.joined()), of: signature, batch, since: before, run)
      }
      if let bad = done.firstNonFinite {
        try good.restore(to: compiled)
        let name = signature.outputNames[bad.figure]
        throw diverged("the output '\(name)' of 'train' is \(bad.value)", run, run.step + bad.step + 1)
      }
      run.add(done)
      for callback in run.callbacks { try callback.onStepEnd(run) }
    }
  }

  /// The rates of the next steps, which callbacks may have changed.
  private func checked(_ rates: [String: Double]) throws -> [String: Double] {
    for (name, rate) in rates.sorted(by: { $0.key < $1.key }) where rate != learningRates[name] {
      guard learningRates[name] != nil else {
        let known = learningRates.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
        throw ElbowError(
          .invalidArgument,
          "The model '\(model.name)' has no learning rate '\(name)' to set; it has \(known.isEmpty ? "none" : known).")
      }
      guard rate.isFinite && rate > 0 else {
        throw ElbowError(.invalidArgument, "A learning rate is a positive number, not \(rate) as '\(name)' was set to.")
      }
    }
    return rates
  }

  private func summarize(_ run: TrainingRun, validation: DataPipeline?) throws {
    var summary = EpochSummary(epoch: run.epoch, losses: run.losses, seconds: run.epochSeconds)
    if let validation {
      summary.validation = try evaluate(on: validation, trainingCount: run.examplesPerEpoch)
    }
    run.report.epochs.append(summary)
    for callback in run.callbacks { try callback.onEpochEnd(summary, run) }
  }

  /// The means of the losses over data; empty if the model has no signature `evaluate`.
  ///
  /// Random numbers go on afterwards where they were before, so that training does not depend on when it is validated.
  ///
  /// - Parameters:
  ///   - data: The examples, each of which is taken once.
  ///   - trainingCount: Fed as `dataset_size`; the number of these examples if nil.
  public func evaluate(on data: DataPipeline, trainingCount: Int? = nil) throws -> [NamedLoss] {
    try namingTheCallersLine { try means(on: data, trainingCount) }
  }

  private func means(on data: DataPipeline, _ trainingCount: Int?) throws -> [NamedLoss] {
    guard model.evaluate != nil else { return [] }
    let signature = try evaluation(of: data, trainingCount)
    let random = compiled.randomState
    defer { compiled.randomState = random }
    var means = signature.means
    var batches = try data.batches(inEpoch: 1)
    while let batch = try batches.next() {
      means.add(try signature.run(batch), steps: 1, weight: batch.count)
    }
    return means.values(model.metricValues)
  }

  /// What runs `evaluate`, on data that are checked.
  private func evaluation(of data: DataPipeline, _ trainingCount: Int?) throws -> SignatureRunner {
    let signature = try SignatureRunner(
      compiled, .evaluate, metrics: model.metricValues.keys,
      constants: ["dataset_size": Double(trainingCount ?? data.exampleCount)])
    try signature.check(data)
    try checkValues(of: data, for: model.evaluate, signature)
    return signature
  }

  /// Refuses data that an operation of the signature makes nothing sensible of, such as labels beyond the classes.
  private func checkValues(of data: DataPipeline, for signature: Signature?, _ runner: SignatureRunner) throws {
    let expectations = model.graph.dataExpectations(for: signature.map { [$0] } ?? [])
    guard !expectations.isEmpty else { return }
    let columns = try runner.columns(of: data)
    let rows = data.isPlain ? data.dataset.storedRows : nil
    for expectation in expectations {
      guard let column = columns.first(where: { $0.name == expectation.input })?.array,
        let bad = try column.firstElement(outside: expectation.range, inRows: rows)
      else { continue }
      let number = column.dtype.isFloatingPoint ? "\(bad.value)" : "\(Int(bad.value))"
      throw ElbowError(
        .data,
        "The column '\(expectation.input)' of \(data.dataset.name) holds \(number) in row \(bad.row), but "
          + "\(expectation.reason).", at: expectation.source.resolve(),
        notes: column.dtype == .uint8 && expectation.range.upperBound < 2
          ? ["bytes become numbers between 0 and 1 by cast(to: .float32) / 255"] : [])
    }
  }
}
