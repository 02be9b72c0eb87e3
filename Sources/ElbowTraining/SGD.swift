import ElbowArrays
import ElbowGraph

/// Stochastic gradient descent, with momentum if asked for.
///
///     w -= lr g                                      without momentum
///     a = momentum a + g;  w -= lr a                 with it (Polyak 1964)
///     a = momentum a + g;  w -= lr (g + momentum a)  with Nesterov's (Sutskever et al. 2013)
///
/// The slots are `sgd/momentum/<parameter>`.
public final class SGD: Optimizer {
  public let learningRate: LearningRate
  public let momentum: Double
  public let nesterov: Bool

  public init(learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false) {
    self.learningRate = LearningRate(learningRate)
    self.momentum = momentum
    self.nesterov = nesterov
  }

  public func applying(gradients: [(variable: Tensor, gradient: Tensor)]) -> [VariableUpdate] {
    guard let rule = UpdateRule("SGD", gradients) else { return [] }
    return rule.graph.located {
      func step(_ direction: Tensor) -> Tensor {
        learningRate.value(in: rule.graph, dtype: direction.dtype) * direction
      }
      guard momentum != 0 else {
        return rule.pairs.map { VariableUpdate($0.variable, to: $0.variable - step($0.gradient)) }
      }
      let slots = rule.slots(rule.graph.freeName("sgd") + "/momentum")
      return zip(rule.pairs, slots).flatMap { pair, slot in
        let velocity = momentum * slot + pair.gradient
        let direction = nesterov ? pair.gradient + momentum * velocity : velocity
        return [
          VariableUpdate(pair.variable, to: pair.variable - step(direction)), VariableUpdate(slot, to: velocity),
        ]
      }
    }
  }
}
