/// What watches training, and may stop it.
///
/// ```swift
/// final class StopWhenGood: TrainingCallback {
///   func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) {
///     if let loss = epoch["loss"], loss < 115 { run.stop("the loss is below 115") }
///   }
/// }
/// ```
///
/// All methods do nothing by default; whatever they throw ends training and reaches its caller. They are called on the
/// thread that trains, so a slow one slows training down.
public protocol TrainingCallback: AnyObject {
  /// Whether ``onStepEnd(_:)`` has to be called after each step. False by default: then many steps run in one call of the
  /// compiled library, which for small models is much faster, and it is called some ten times a second.
  var needsEveryStep: Bool { get }

  /// Before the first step.
  func onTrainBegin(_ run: TrainingRun) throws
  /// Before the first step of ``TrainingRun/epoch``.
  func onEpochBegin(_ run: TrainingRun) throws
  /// After a step, or after several: see ``needsEveryStep``.
  func onStepEnd(_ run: TrainingRun) throws
  /// After the last step of an epoch, and the validation that follows it.
  func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) throws
  /// After the last step, also where training was stopped; not after an error.
  func onTrainEnd(_ run: TrainingRun) throws
}

extension TrainingCallback {
  public var needsEveryStep: Bool { false }
  public func onTrainBegin(_ run: TrainingRun) throws {}
  public func onEpochBegin(_ run: TrainingRun) throws {}
  public func onStepEnd(_ run: TrainingRun) throws {}
  public func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) throws {}
  public func onTrainEnd(_ run: TrainingRun) throws {}
}
