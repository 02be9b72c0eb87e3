import ElbowGraph

/// Gradients divided by the root of the sum of all their squares so far (Duchi et al. 2011), as Keras has it:
///
///     a += g^2
///     w -= lr g / sqrt(a + epsilon)
///
/// The slots are `adagrad/accumulator/<parameter>`.
public final class Adagrad: Optimizer {
  /// The learning rate, lr.
  public let learningRate: LearningRate
  /// The number that every element of a begins with, at least 0.
  public let initialAccumulatorValue: Double
  /// The number added to a under the root, at least 0.
  public let epsilon: Double

  public let name = "adagrad"
  public var slots: [(name: String, initialValue: Double)] { [("accumulator", initialAccumulatorValue)] }

  public var hyperparameters: [Hyperparameter] {
    [
      .init("initialAccumulatorValue", initialAccumulatorValue, .notNegative), .init("epsilon", epsilon, .notNegative),
    ]
  }

  /// The optimizer, with Keras's defaults. Numbers out of range are recorded as a mistake when it is applied.
  ///
  /// - Parameters:
  ///   - learningRate: A number, or a schedule.
  ///   - initialAccumulatorValue: The number that every element of a begins with, at least 0.
  ///   - epsilon: The number added to a under the root, at least 0.
  public init(
    learningRate: some LearningRateSchedule = 0.001, initialAccumulatorValue: Double = 0.1, epsilon: Double = 1e-7
  ) {
    self.learningRate = LearningRate(learningRate)
    self.initialAccumulatorValue = initialAccumulatorValue
    self.epsilon = epsilon
  }

  public func change(
    _ variable: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (variable: Tensor, slots: [Tensor]) {
    let sum = slots[0] + gradient * gradient
    return (variable - scalars[0] * gradient / sqrt(sum + epsilon), [sum])
  }
}
