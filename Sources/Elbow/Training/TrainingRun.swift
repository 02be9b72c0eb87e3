import ElbowRuntime

/// Where training is: what callbacks see of it.
public final class TrainingRun {
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
  public internal(set) var losses: [NamedLoss] = []
  /// What training has come to so far: all epochs that are done, and timings.
  public internal(set) var report = TrainingReport()
  /// Why training is to end, or did, before its time; nil if it is not.
  public private(set) var stopReason: String?

  init(model: Model, compiled: CompiledModel, epochs: Int, stepsPerEpoch: Int, batchSize: Int, examplesPerEpoch: Int) {
    self.model = model
    self.compiled = compiled
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
    self.batchSize = batchSize
    self.examplesPerEpoch = examplesPerEpoch
  }

  private var means = LossMeans([])

  func beginEpoch(_ names: [String]) {
    epoch += 1
    step = 0
    means = LossMeans(names)
    (stepLosses, losses) = ([], [])
  }

  /// Counts steps with their losses.
  func add(_ done: EpochSteps.Done) {
    step += done.count
    totalSteps += done.count
    means.add(done.losses, weight: done.examples)
    stepLosses = zip(means.names, done.losses).map { NamedLoss(name: $0, value: $1.last ?? .nan) }
    losses = means.values
    report.stepSeconds += repeatElement(done.seconds / Double(done.count), count: done.count)
  }

  /// Asks training to end after the step that is running; the first reason counts.
  public func stop(_ reason: String) { stopReason = stopReason ?? reason }
}
