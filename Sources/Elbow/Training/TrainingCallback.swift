import ElbowArrays

/// An observer of training, which may stop it.
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

  /// The state that a checkpoint keeps, so that training can go on as if it had never stopped; nil, the default, for nothing.
  /// It is set before ``TrainingCallback/onTrainBegin(_:)`` where training goes on.
  var state: CallbackState? { get set }

  /// Before the first step.
  func onTrainBegin(_ run: TrainingRun) throws
  /// Before the first step of ``TrainingRun/epoch``.
  func onEpochBegin(_ run: TrainingRun) throws
  /// After a step, or after several: see ``TrainingCallback/needsEveryStep``.
  func onStepEnd(_ run: TrainingRun) throws
  /// After the last step of an epoch, and the validation that follows it.
  func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) throws
  /// After the last step, also where training was stopped; not after an error. Called in reverse order, so that what is
  /// set up first is taken down last, and of all callbacks, even if one throws.
  func onTrainEnd(_ run: TrainingRun) throws
}

extension TrainingCallback {
  public var needsEveryStep: Bool { false }
  public var state: CallbackState? {
    get { nil }
    set {}
  }
  public func onTrainBegin(_ run: TrainingRun) throws {}
  public func onEpochBegin(_ run: TrainingRun) throws {}
  public func onStepEnd(_ run: TrainingRun) throws {}
  public func onEpochEnd(_ epoch: EpochSummary, _ run: TrainingRun) throws {}
  public func onTrainEnd(_ run: TrainingRun) throws {}
}

/// The memory of a callback between steps.
public struct CallbackState: Sendable, Equatable {
  /// Numbers by name.
  public var numbers: [String: Double] = [:]
  /// Arrays by name.
  public var arrays: [String: HostArray] = [:]

  /// A memory of numbers and arrays, each under a name of the callback's choice.
  public init(numbers: [String: Double] = [:], arrays: [String: HostArray] = [:]) {
    self.numbers = numbers
    self.arrays = arrays
  }
}
