import ElbowCodegen
import ElbowData
import ElbowGraph
import ElbowRuntime

/// Where training is: what callbacks see of it.
public final class TrainingRun {
  /// The model that is trained.
  public let model: Model
  /// The compiled model, whose variables are those after the latest step.
  public let compiled: CompiledModel
  /// How many epochs there shall be.
  public let epochs: Int
  /// The steps of an epoch.
  public let stepsPerEpoch: Int
  /// The examples in a step; the last of an epoch may have less.
  public let batchSize: Int
  /// The examples in an epoch.
  public let examplesPerEpoch: Int

  /// The epoch, from 1; 0 before the first.
  public internal(set) var epoch = 0
  /// The steps of this epoch that are done.
  public internal(set) var step = 0
  /// The steps that are done in all, those before a resumption too.
  public internal(set) var totalSteps = 0
  /// The losses and metrics of the latest step.
  public internal(set) var stepLosses: [NamedLoss] = []
  /// The means of losses and metrics over this epoch's examples so far, each as it was when its step ran.
  public var losses: [NamedLoss] { means.values(model.metricValues) }
  /// The learning rates by the names of their inputs: `learning_rate`, and `learning_rate_1`, ... of further optimisers. A new one
  /// counts from the next step on, and nothing is compiled for it; a schedule's factor is multiplied with it. A rate that is not
  /// positive ends training with an `ElbowError`.
  public var learningRates: [String: Double]
  /// The result of training so far: all epochs that are done, and timings.
  public internal(set) var report = TrainingReport()
  /// Why training is to end, or did, before its time; nil if it is not.
  public private(set) var stopReason: String?

  /// Whether an epoch has begun whose summary is still to come.
  var isWithinEpoch: Bool { epoch > report.epochs.count }

  let callbacks: [any TrainingCallback]
  /// The plan, in words, which has to be the same where training goes on.
  let plan: String
  var means: LossMeans
  /// How long the steps of this epoch took so far.
  var epochSeconds = 0.0

  init(
    model: Model, compiled: CompiledModel, data: DataPipeline, epochs: Int, learningRate: Double?,
    learningRates: [String: Double], figures: LossMeans, callbacks: [any TrainingCallback]
  ) {
    self.model = model
    self.compiled = compiled
    self.epochs = epochs
    stepsPerEpoch = data.batchCount
    batchSize = data.batchSize
    examplesPerEpoch = data.exampleCount
    plan = "\(data.description), \(learningRate.map { "learning rate \($0)" } ?? "the model's learning rate")"
    self.learningRates = learningRates
    means = figures
    // Checkpoints come last: they have to save what the others make of the same event.
    self.callbacks = callbacks.filter { !($0 is Checkpoints) } + callbacks.filter { $0 is Checkpoints }
  }

  /// Asks training to end after the step that is running; the first reason counts.
  public func stop(_ reason: String) { stopReason = stopReason ?? reason }

  /// The fingerprint of the training step's program.
  var graphFingerprint: String {
    get throws {
      guard let train = model.train else { return "" }
      return ProgramKey.fingerprint(try model.graph.program(train))
    }
  }

  /// The callbacks by the names of their types, `EarlyStopping`, `EarlyStopping 2`, ...
  var namedCallbacks: [(name: String, callback: any TrainingCallback)] {
    var counts: [String: Int] = [:]
    return callbacks.map { callback in
      let type = "\(type(of: callback))"
      counts[type, default: 0] += 1
      let count = counts[type] ?? 1
      return (count == 1 ? type : "\(type) \(count)", callback)
    }
  }

  func beginEpoch() {
    epoch += 1
    step = 0
    epochSeconds = 0
    means = means.empty
    stepLosses = []
  }

  /// Counts steps with their losses.
  func add(_ done: EpochSteps.Done) {
    step += done.count
    totalSteps += done.count
    epochSeconds += done.seconds
    means.add(done.figures, steps: done.count, weight: done.examples)
    var latest = means.empty
    latest.add(done.figures.map { [Double]($0.suffix($0.count / done.count)) }, steps: 1, weight: 1)
    stepLosses = latest.values(model.metricValues)
    report.stepSeconds += repeatElement(done.seconds / Double(done.count), count: done.count)
  }
}
