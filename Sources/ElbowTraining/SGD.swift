import ElbowGraph

/// Stochastic gradient descent, with momentum if asked for.
///
///     w -= lr g                                      without momentum
///     a = momentum a + g;  w -= lr a                 with it (Polyak 1964)
///     a = momentum a + g;  w -= lr (g + momentum a)  with Nesterov's (Sutskever et al. 2013)
///
/// The slots are `sgd/momentum/<parameter>`.
public final class SGD: Optimizer {
  /// The learning rate, lr.
  public let learningRate: LearningRate
  /// How much of a stays in a step, from 0 to 1; 0 for none, and then there are no slots.
  public let momentum: Double
  /// Whether the momentum is Nesterov's.
  public let nesterov: Bool

  public let name = "sgd"
  public var slots: [(name: String, initialValue: Double)] { momentum == 0 ? [] : [("momentum", 0)] }

  public var hyperparameters: [Hyperparameter] { [.init("momentum", momentum, .upToOne)] }

  /// The optimizer, with Keras's defaults. Numbers out of range are recorded as a mistake when it is applied.
  ///
  /// - Parameters:
  ///   - learningRate: A number, or a schedule.
  ///   - momentum: How much of a stays in a step, from 0 to 1; 0 for none.
  ///   - nesterov: Whether the momentum is Nesterov's; without momentum it changes nothing.
  public init(learningRate: some LearningRateSchedule = 0.01, momentum: Double = 0, nesterov: Bool = false) {
    self.learningRate = LearningRate(learningRate)
    self.momentum = momentum
    self.nesterov = nesterov
  }

  public func change(
    _ variable: Tensor, gradient: Tensor, slots: [Tensor], scalars: [Tensor]
  ) -> (variable: Tensor, slots: [Tensor]) {
    guard let slot = slots.first else { return (variable - scalars[0] * gradient, []) }
    let velocity = momentum * slot + gradient
    let direction = nesterov ? gradient + momentum * velocity : velocity
    return (variable - scalars[0] * direction, [velocity])
  }
}
