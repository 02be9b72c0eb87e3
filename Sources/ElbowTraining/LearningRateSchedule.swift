import ElbowArrays
import ElbowGraph
import RealModule

/// A learning rate that changes as training goes on: a number that can be fed, times a factor that the graph computes from
/// the number of steps before this one, so that compiled code needs nobody to tell it.
///
/// A plain number is a schedule that never changes.
///
///     Adam(learningRate: 1e-3)
///     Adam(learningRate: ExponentialDecay(1e-3, decaySteps: 10_000, decayRate: 0.9).warmedUp(steps: 500))
public protocol LearningRateSchedule: Sendable {
  /// The rate that factors are relative to.
  var baseRate: Double { get }
  /// Whether the factor is ever another than 1.
  var isScheduled: Bool { get }
  /// The factor after a number of steps, a floating-point scalar.
  func factor(after steps: Tensor) -> Tensor
}

extension LearningRateSchedule {
  public var isScheduled: Bool { true }

  /// The same schedule, but in the first steps the rate grows from 0 in equal parts: in step t of `steps`, t = 0, 1, ...,
  /// it is t / steps of what it would be.
  public func warmedUp(steps: Int) -> some LearningRateSchedule { WarmUp(schedule: self, steps: steps) }
}

extension Double: LearningRateSchedule {
  /// The number itself.
  public var baseRate: Double { self }
  /// False: the rate stays.
  public var isScheduled: Bool { false }
  /// 1 after any number of steps.
  public func factor(after steps: Tensor) -> Tensor { steps.onesLike() }
}

/// rate * decayRate^(t / decaySteps), with the whole part of the quotient alone if `staircase`.
public struct ExponentialDecay: LearningRateSchedule {
  /// The rate of the first step.
  public let baseRate: Double
  /// The steps in which the rate is multiplied by `decayRate` once, at least 1.
  public let decaySteps: Int
  /// The factor of `decaySteps` steps, above 0.
  public let decayRate: Double
  /// Whether the rate changes after every `decaySteps` steps only, instead of in each.
  public let staircase: Bool

  /// A schedule that begins at a rate. Numbers that are out of range are recorded as a mistake when it is applied.
  ///
  /// - Parameters:
  ///   - initialRate: The rate of the first step.
  ///   - decaySteps: The steps in which the rate is multiplied by `decayRate` once, at least 1.
  ///   - decayRate: The factor of `decaySteps` steps, above 0.
  ///   - staircase: Whether the rate changes after every `decaySteps` steps only, instead of in each.
  public init(_ initialRate: Double, decaySteps: Int, decayRate: Double, staircase: Bool = false) {
    baseRate = initialRate
    self.decaySteps = decaySteps
    self.decayRate = decayRate
    self.staircase = staircase
  }

  public func factor(after steps: Tensor) -> Tensor {
    guard decaySteps >= 1, decayRate > 0 else {
      return steps.graph.invalid(
        .invalidArgument,
        "ExponentialDecay needs at least 1 decay step and a positive rate of decay, not \(decaySteps) and \(decayRate)."
      )
    }
    let quotient = steps / Double(decaySteps)
    return exp((staircase ? floor(quotient) : quotient) * Double.log(decayRate))
  }
}

/// `values[0]` for the first steps up to and including step `boundaries[0]`, counted from 0, then `values[1]` up to
/// `boundaries[1]`, and so on, as Keras has it.
public struct PiecewiseConstantDecay: LearningRateSchedule {
  /// The last step of each value but the last, counted from 0, increasing.
  public let boundaries: [Int]
  /// The rates, positive, one more than `boundaries`.
  public let values: [Double]

  /// A schedule of given rates. Numbers that do not fit are recorded as a mistake when it is applied.
  ///
  /// - Parameters:
  ///   - boundaries: The last step of each value but the last, counted from 0, increasing.
  ///   - values: The rates, positive, one more than `boundaries`.
  public init(boundaries: [Int], values: [Double]) {
    self.boundaries = boundaries
    self.values = values
  }

  /// The first of the rates.
  public var baseRate: Double { values.first ?? 0 }

  public func factor(after steps: Tensor) -> Tensor {
    guard values.count == boundaries.count + 1, values.allSatisfy({ $0 > 0 && $0.isFinite }),
      zip(boundaries, boundaries.dropFirst()).allSatisfy(<)
    else {
      return steps.graph.invalid(
        .invalidArgument,
        "PiecewiseConstantDecay needs increasing boundaries and one more positive value than boundaries, not "
          + "\(boundaries) and \(values).")
    }
    var factor = steps.onesLike()
    for (boundary, value) in zip(boundaries, values.dropFirst()) {
      factor = select(steps > Double(boundary), factor.onesLike() * (value / baseRate), factor)
    }
    return factor
  }
}

/// Half a cosine from the rate down to `alpha` of it in `decaySteps` steps, and that from then on (Loshchilov and Hutter
/// 2017): rate * ((1 - alpha) (1 + cos(pi t / decaySteps)) / 2 + alpha).
public struct CosineDecay: LearningRateSchedule {
  /// The rate of the first step.
  public let baseRate: Double
  /// The steps after which the rate is at its end, at least 1.
  public let decaySteps: Int
  /// The part of the rate that is left at the end, from 0 to 1.
  public let alpha: Double

  /// A schedule that begins at a rate. Numbers that are out of range are recorded as a mistake when it is applied.
  ///
  /// - Parameters:
  ///   - initialRate: The rate of the first step.
  ///   - decaySteps: The steps after which the rate is at its end, at least 1.
  ///   - alpha: The part of the rate that is left at the end, from 0 to 1.
  public init(_ initialRate: Double, decaySteps: Int, alpha: Double = 0) {
    baseRate = initialRate
    self.decaySteps = decaySteps
    self.alpha = alpha
  }

  public func factor(after steps: Tensor) -> Tensor {
    guard decaySteps >= 1 else {
      return steps.graph.invalid(.invalidArgument, "CosineDecay needs at least 1 decay step, not \(decaySteps).")
    }
    guard (0...1).contains(alpha) else {
      return steps.graph.invalid(.invalidArgument, "CosineDecay ends at a part alpha from 0 to 1, not \(alpha).")
    }
    let part = minimum(steps, Double(decaySteps)) * (Double.pi / Double(decaySteps))
    return (1 - alpha) * 0.5 * (1 + cos(part)) + alpha
  }
}

/// See ``LearningRateSchedule/warmedUp(steps:)``.
struct WarmUp<Schedule: LearningRateSchedule>: LearningRateSchedule {
  let schedule: Schedule
  let steps: Int
  var baseRate: Double { schedule.baseRate }

  func factor(after steps: Tensor) -> Tensor {
    guard self.steps >= 1 else {
      return steps.graph.invalid(.invalidArgument, "A warm-up takes at least 1 step, not \(self.steps).")
    }
    return schedule.factor(after: steps) * minimum(steps / Double(self.steps), 1)
  }
}
