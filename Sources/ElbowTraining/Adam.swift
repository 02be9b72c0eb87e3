import ElbowArrays
import ElbowGraph
import RealModule

/// Adam (Kingma and Ba 2015) in the form that TensorFlow has, with epsilon outside the bias correction:
///
///     m = beta1 m + (1 - beta1) g
///     v = beta2 v + (1 - beta2) g^2
///     w -= lr_t m / (sqrt(v) + epsilon),  lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t)
///
/// The slots are `adam/m/<parameter>` and `adam/v/<parameter>`, of the groups `adam/m` and `adam/v`, and `adam/step`
/// counts the steps taken. `lr_t` is computed once, and every parameter changes by the same elementwise expression.
public final class Adam: Optimizer {
  public let learningRate: LearningRate
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double

  public init(learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.learningRate = LearningRate(learningRate)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  public func applying(gradients: [(variable: Tensor, gradient: Tensor)]) -> [VariableUpdate] {
    guard let rule = UpdateRule("Adam", gradients) else { return [] }
    let graph = rule.graph
    return graph.located {
      let name = graph.freeName("adam")
      let (ms, vs) = (rule.slots(name + "/m"), rule.slots(name + "/v"))
      let step = graph.variable(
        name + "/step", initialValue: graph.constant(0, dtype: .int64), role: .counter, group: name)
      let next = step + 1
      var rates: [DType: Tensor] = [:]
      var updates = [VariableUpdate(step, to: next)]
      for (pair, slot) in zip(rule.pairs, zip(ms, vs)) {
        let (w, g, dtype) = (pair.variable, pair.gradient, pair.variable.dtype)
        let rate = rates[dtype] ?? rate(at: next, in: graph, dtype)
        rates[dtype] = rate
        let m = beta1 * slot.0 + (1 - beta1) * g
        let v = beta2 * slot.1 + (1 - beta2) * (g * g)
        updates += [
          VariableUpdate(w, to: w - rate * m / (sqrt(v) + epsilon)), VariableUpdate(slot.0, to: m),
          VariableUpdate(slot.1, to: v),
        ]
      }
      return updates
    }
  }

  /// lr_t. 1 - beta^t is -expm1(t log(beta)), which keeps its digits in float32 while t is small.
  private func rate(at step: Tensor, in graph: Graph, _ dtype: DType) -> Tensor {
    let t = step.cast(to: dtype)
    let correction1 = -expm1(t * Double.log(beta1))
    let correction2 = -expm1(t * Double.log(beta2))
    return learningRate.value(in: graph, dtype: dtype) * sqrt(correction2) / correction1
  }
}
