import ElbowArrays
import ElbowGraph
import RealModule

/// Adam (Kingma and Ba 2015) in the form that TensorFlow has, with epsilon outside the bias correction:
///
///     m = beta1 m + (1 - beta1) g
///     v = beta2 v + (1 - beta2) g^2
///     w -= lr_t m / (sqrt(v) + epsilon),  lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t)
///
/// With `amsgrad` the largest v so far, `vhat`, takes the place of v in the last line (Reddi et al. 2018).
///
/// The slots are `adam/m/<parameter>` and `adam/v/<parameter>`, of the groups `adam/m` and `adam/v`, and `adam/step`
/// counts the steps taken. `lr_t` is computed once, and every parameter changes by the same elementwise expression.
public final class Adam: Optimizer {
  /// The learning rate, lr.
  public let learningRate: LearningRate
  /// How much of m stays in a step, from 0 and below 1.
  public let beta1: Double
  /// How much of v stays in a step, from 0 and below 1.
  public let beta2: Double
  /// The number added to the root of v, at least 0.
  public let epsilon: Double
  /// Whether the largest v so far takes the place of v.
  public let amsgrad: Bool

  public let name = "adam"
  public let countsSteps = true
  public var slots: [(name: String, initialValue: Double)] {
    [("m", 0), ("v", 0)] + (amsgrad ? [("vhat", 0)] : [])
  }
  public var hyperparameters: [Hyperparameter] {
    [.init("beta1", beta1, .belowOne), .init("beta2", beta2, .belowOne), .init("epsilon", epsilon, .notNegative)]
  }

  /// The optimizer, with TensorFlow's defaults. Numbers out of range are recorded as a mistake when it is applied.
  ///
  /// - Parameters:
  ///   - learningRate: A number, or a schedule.
  ///   - beta1: How much of m stays in a step, from 0 and below 1.
  ///   - beta2: How much of v stays in a step, from 0 and below 1.
  ///   - epsilon: The number added to the root of v, at least 0.
  ///   - amsgrad: Whether the largest v so far takes the place of v.
  public init(
    learningRate: some LearningRateSchedule = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    amsgrad: Bool = false
  ) {
    self.learningRate = LearningRate(learningRate)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
  }

  /// lr_t. 1 - beta^t is -expm1(t log(beta)), which keeps its digits in float32 while t is small.
  public func scalars(rate: Tensor, step: Tensor?) -> [Tensor] {
    guard let step else { return [rate] }
    let correction1 = -expm1(step * Double.log(beta1))
    let correction2 = -expm1(step * Double.log(beta2))
    return [rate * sqrt(correction2) / correction1]
  }

  public func change(
    _ variable: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (variable: Tensor, slots: [Tensor]) {
    let m = beta1 * slots[0] + (1 - beta1) * gradient
    let v = beta2 * slots[1] + (1 - beta2) * (gradient * gradient)
    let kept = amsgrad ? [m, v, maximum(slots[2], v)] : [m, v]
    return (variable - scalars[0] * m / (sqrt(kept[kept.count - 1]) + epsilon), kept)
  }
}

/// Adam with weights that decay apart from the gradients (Loshchilov and Hutter 2019), as Keras has it:
///
///     w -= lr weightDecay w;  then as ``Adam``
///
/// The slots are `adamw/m/<parameter>` and `adamw/v/<parameter>`, and `adamw/step` counts the steps taken.
public final class AdamW: Optimizer {
  /// The learning rate, lr.
  public var learningRate: LearningRate { adam.learningRate }
  /// How much weights decay in a step, as a factor of the learning rate; at least 0.
  public let weightDecay: Double

  public let name = "adamw"
  public let countsSteps = true
  public var slots: [(name: String, initialValue: Double)] { adam.slots }
  public var hyperparameters: [Hyperparameter] {
    adam.hyperparameters + [.init("weightDecay", weightDecay, .notNegative)]
  }

  private let adam: Adam

  /// The optimizer, with Keras's defaults. Numbers out of range are recorded as a mistake when it is applied.
  ///
  /// - Parameters:
  ///   - learningRate: A number, or a schedule.
  ///   - weightDecay: How much weights decay in a step, as a factor of the learning rate; at least 0.
  ///   - beta1: How much of m stays in a step, from 0 and below 1.
  ///   - beta2: How much of v stays in a step, from 0 and below 1.
  ///   - epsilon: The number added to the root of v, at least 0.
  public init(
    learningRate: some LearningRateSchedule = 0.001, weightDecay: Double = 0.004, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-7
  ) {
    self.weightDecay = weightDecay
    adam = Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
  }

  /// lr_t as of `Adam`, and lr weightDecay.
  public func scalars(rate: Tensor, step: Tensor?) -> [Tensor] {
    adam.scalars(rate: rate, step: step) + [rate * weightDecay]
  }

  public func change(
    _ variable: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (variable: Tensor, slots: [Tensor]) {
    adam.change(variable - scalars[1] * variable, gradient: gradient, slots: slots, scalars: scalars)
  }
}
