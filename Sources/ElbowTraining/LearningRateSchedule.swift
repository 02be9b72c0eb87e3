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
  public var baseRate: Double { self }
  public var isScheduled: Bool { false }
  public func factor(after steps: Tensor) -> Tensor { steps.onesLike() }
}

/// rate * decayRate^(t / decaySteps), with the whole part of the quotient alone if `staircase`.
public struct ExponentialDecay: LearningRateSchedule {
  public let baseRate: Double
  public let decaySteps: Int
  public let decayRate: Double
  public let staircase: Bool

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
  public let boundaries: [Int]
  public let values: [Double]

  public init(boundaries: [Int], values: [Double]) {
    self.boundaries = boundaries
    self.values = values
  }

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
  public let baseRate: Double
  public let decaySteps: Int
  public let alpha: Double

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
