import ElbowArrays

/// Ends training when a figure has not become better for some epochs.
public final class EarlyStopping: TrainingCallback {
  /// The figure, `val_loss`: see ``EpochSummary/subscript(_:)``.
  public var monitor: String { figure.monitor }
  /// After how many epochs without a better one training ends; 0 is as 1.
  public let patience: Int
  /// By how much it has to be better.
  public var minDelta: Double { figure.minDelta }
  /// Whether larger is better, as for an accuracy.
  public var isMaximized: Bool { figure.isMaximized }
  /// Whether the variables are set back to those of the best epoch when training ends.
  public let restoresBestWeights: Bool

  /// The best figure so far; nil before the first epoch.
  public var best: Double? { figure.best }
  /// How many epochs have passed since.
  public var waited: Int { figure.waited }
  private var figure: BestFigure
  private var bestWeights: [String: HostArray] = [:]

  /// An observer of one figure. Numbers that are out of range end training with an `ElbowError` before its first step.
  ///
  /// - Parameters:
  ///   - monitor: The figure, `loss`, or with `val_` before it that of the validation data.
  ///   - patience: After how many epochs without a better one training ends, at least 0; 0 is as 1.
  ///   - minDelta: By how much a figure has to be better, at least 0 and finite.
  ///   - isMaximized: Whether larger is better, as for an accuracy.
  ///   - restoresBestWeights: Whether the variables are set back to those of the best epoch when training ends.
  public init(
    monitor: String = "val_loss", patience: Int = 0, minDelta: Double = 0, isMaximized: Bool = false,
    restoresBestWeights: Bool = false
  ) {
    figure = BestFigure(monitor: monitor, minDelta: minDelta, isMaximized: isMaximized)
    self.patience = patience
    self.restoresBestWeights = restoresBestWeights
  }

  public func onTrainBegin(_ run: TrainingRun) throws {
    guard patience >= 0, minDelta >= 0, minDelta.isFinite else {
      throw ElbowError(
        .invalidArgument,
        "EarlyStopping waits for a number of epochs of at least 0 for a figure that is better by at least 0, not \(patience) and "
          + "\(minDelta).")
    }
  }

  public func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) throws {
    guard try !figure.update(epoch.figure(monitor, for: "EarlyStopping")) else {
      if restoresBestWeights {
        let values = try StateCopy(run.compiled).values
        bestWeights = Dictionary(values.map { ($0.name, $0.array) }) { first, _ in first }
      }
      return
    }
    if waited >= patience, let best {
      run.stop("'\(monitor)' has not become better than \(best) for \(waited) \(waited == 1 ? "epoch" : "epochs")")
    }
  }

  public func onTrainEnd(_ run: TrainingRun) throws {
    for (name, array) in bestWeights { try run.compiled.setValue(array, of: name) }
  }

  public var state: CallbackState? {
    get { best == nil ? nil : CallbackState(numbers: figure.numbers, arrays: bestWeights) }
    set {
      figure.numbers = newValue?.numbers ?? [:]
      bestWeights = newValue?.arrays ?? [:]
    }
  }
}
