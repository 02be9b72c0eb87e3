import ElbowArrays

/// Makes the learning rate smaller when a figure has not become better for some epochs, as Keras's `ReduceLROnPlateau` does.
///
/// ```swift
/// try vae.fit(digits, epochs: 100, validationData: heldOut, callbacks: [ReduceLearningRateOnPlateau(patience: 5)])
/// ```
///
/// Where there are several optimisers, the rates of all are. A schedule is multiplied with what the rate has become. Training that
/// goes on from a checkpoint goes on with the rate, and with the epochs that were waited.
public final class ReduceLearningRateOnPlateau: TrainingCallback {
  /// The figure, `val_loss`: see ``EpochSummary/subscript(_:)``.
  public var monitor: String { figure.monitor }
  /// The number that the rate is multiplied with.
  public let factor: Double
  /// After how many epochs without a better figure the rate becomes smaller; 0 is as 1.
  public let patience: Int
  /// By how much the figure has to be better.
  public var minDelta: Double { figure.minDelta }
  /// For how many epochs after that nothing is waited for.
  public let cooldown: Int
  /// The rate that it does not go below.
  public let minimum: Double
  /// Whether larger is better, as for an accuracy.
  public var isMaximized: Bool { figure.isMaximized }

  /// The best figure so far; nil before the first epoch.
  public var best: Double? { figure.best }
  /// How often the rate has become smaller.
  public private(set) var reductions = 0
  private var figure: BestFigure
  /// The epochs of the cooldown that are left.
  private var cooling = 0

  /// An observer of one figure. Numbers that are out of range end training with an `ElbowError` before its first step.
  ///
  /// - Parameters:
  ///   - monitor: The figure, `loss`, or with `val_` before it that of the validation data.
  ///   - factor: The number that the rate is multiplied with, above 0 and below 1.
  ///   - patience: After how many epochs without a better figure the rate becomes smaller, at least 0; 0 is as 1.
  ///   - minDelta: By how much a figure has to be better, at least 0 and finite.
  ///   - cooldown: For how many epochs after that nothing is waited for, at least 0.
  ///   - minimum: The rate that it does not go below, at least 0 and finite.
  ///   - isMaximized: Whether larger is better, as for an accuracy.
  public init(
    monitor: String = "val_loss", factor: Double = 0.1, patience: Int = 10, minDelta: Double = 1e-4, cooldown: Int = 0,
    minimum: Double = 0, isMaximized: Bool = false
  ) {
    figure = BestFigure(monitor: monitor, minDelta: minDelta, isMaximized: isMaximized)
    self.factor = factor
    self.patience = patience
    self.cooldown = cooldown
    self.minimum = minimum
  }

  public func onTrainBegin(_ run: TrainingRun) throws {
    guard factor > 0, factor < 1 else {
      throw ElbowError(
        .invalidArgument,
        "ReduceLearningRateOnPlateau multiplies the rate with a factor above 0 and below 1, not \(factor).")
    }
    guard patience >= 0, cooldown >= 0, minDelta >= 0, minDelta.isFinite, minimum >= 0, minimum.isFinite else {
      throw ElbowError(
        .invalidArgument,
        "ReduceLearningRateOnPlateau takes a patience, a cooldown, a minDelta and a minimum of at least 0, not \(patience), "
          + "\(cooldown), \(minDelta) and \(minimum).")
    }
    guard !run.learningRates.isEmpty else {
      throw ElbowError(
        .invalidArgument,
        "ReduceLearningRateOnPlateau has nothing to change: the training step of '\(run.model.name)' has no input "
          + "'learning_rate' with a default value, as optimisers have it.")
    }
  }

  public func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) throws {
    // The last epoch of a cooldown counts already, as in Keras.
    cooling = max(cooling - 1, 0)
    _ = try figure.update(epoch.figure(monitor, for: "ReduceLearningRateOnPlateau"))
    if cooling > 0 { figure.waited = 0 }
    guard figure.waited >= max(patience, 1), best != nil else { return }
    figure.waited = 0
    let smaller = run.learningRates.mapValues { rate in rate > minimum ? max(rate * factor, minimum) : rate }
    guard smaller != run.learningRates else { return }
    run.learningRates = smaller
    reductions += 1
    cooling = cooldown
  }

  public var state: CallbackState? {
    get {
      let own = ["cooling": Double(cooling), "reductions": Double(reductions)]
      return CallbackState(numbers: figure.numbers.merging(own) { $1 })
    }
    set {
      figure.numbers = newValue?.numbers ?? [:]
      cooling = newValue?.numbers["cooling"].flatMap { Int(exactly: $0) } ?? 0
      reductions = newValue?.numbers["reductions"].flatMap { Int(exactly: $0) } ?? 0
    }
  }
}
