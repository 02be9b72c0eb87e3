import ElbowGraph

/// Gradients divided by a running root mean square of themselves (Tieleman and Hinton 2012), as Keras has it:
///
///     v = rho v + (1 - rho) g^2
///     w -= lr g / sqrt(v + epsilon)
///
/// Centred, v is reduced by the square of a running mean of gradients; with momentum, what w is reduced by becomes
/// `u = momentum u + lr g / sqrt(v + epsilon)`. The slots are `rmsprop/v/<parameter>`, and where they are needed
/// `rmsprop/mean/<parameter>` and `rmsprop/momentum/<parameter>`.
public final class RMSprop: Optimizer {
  /// The learning rate, lr.
  public let learningRate: LearningRate
  /// How much of the running means stays in a step, from 0 and below 1.
  public let rho: Double
  /// How much of the change before stays in a step, from 0 to 1; 0 for none.
  public let momentum: Double
  /// The number added to v under the root, at least 0.
  public let epsilon: Double
  /// Whether v is reduced by the square of a running mean of gradients.
  public let centered: Bool
  /// The initial value of v: 0 in Keras, 1 in TensorFlow's older `tf.train.RMSPropOptimizer`.
  public let initialAccumulatorValue: Double

  public let name = "rmsprop"
  public var slots: [(name: String, initialValue: Double)] {
    [("v", initialAccumulatorValue)] + (centered ? [("mean", 0)] : []) + (momentum == 0 ? [] : [("momentum", 0)])
  }

  public var hyperparameters: [Hyperparameter] {
    [
      .init("rho", rho, .belowOne), .init("momentum", momentum, .upToOne), .init("epsilon", epsilon, .notNegative),
      .init("initialAccumulatorValue", initialAccumulatorValue, .notNegative),
    ]
  }

  /// The optimizer, with Keras's defaults. Numbers out of range are recorded as a mistake when it is applied.
  ///
  /// - Parameters:
  ///   - learningRate: A number, or a schedule.
  ///   - rho: How much of the running means stays in a step, from 0 and below 1.
  ///   - momentum: How much of the change before stays in a step, from 0 to 1; 0 for none.
  ///   - epsilon: The number added to v under the root, at least 0.
  ///   - centered: Whether v is reduced by the square of a running mean of gradients.
  ///   - initialAccumulatorValue: The number that every element of v begins with, at least 0.
  public init(
    learningRate: some LearningRateSchedule = 0.001, rho: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-7,
    centered: Bool = false, initialAccumulatorValue: Double = 0
  ) {
    self.learningRate = LearningRate(learningRate)
    self.rho = rho
    self.momentum = momentum
    self.epsilon = epsilon
    self.centered = centered
    self.initialAccumulatorValue = initialAccumulatorValue
  }

  public func change(
    _ variable: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (variable: Tensor, slots: [Tensor]) {
    var kept = [rho * slots[0] + (1 - rho) * (gradient * gradient)]
    var variance = kept[0]
    if centered {
      let mean = rho * slots[1] + (1 - rho) * gradient
      kept.append(mean)
      variance = variance - mean * mean
    }
    var change = scalars[0] * gradient / sqrt(variance + epsilon)
    if momentum != 0 {
      change = momentum * slots[kept.count] + change
      kept.append(change)
    }
    return (variable - change, kept)
  }
}
