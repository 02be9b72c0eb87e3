import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors of k numbers to vectors of k + 1 probabilities: the softmax with a zero appended.
  ///
  ///     y_i = exp(x_i) / (1 + sum_j exp(x_j)),  y_(k+1) = 1 / (1 + sum_j exp(x_j))
  ///     log |det dy/dx| = sum_i log(y_i) + log(k + 1) / 2
  ///
  /// The determinant is that of volumes within the simplex's own hyperplane.
  public struct SoftmaxCentered: Bijector {
    public let traits: BijectorTraits

    /// A map of vectors `[..., k]` to vectors `[..., k + 1]`; named `SoftmaxCentered` unless `name` is given. The
    /// inverse of a vector of one element is a recorded mistake.
    public init(name: String? = nil) { traits = BijectorTraits("SoftmaxCentered", name: name, forwardMinEventNDims: 1) }

    /// log(y).
    private func logForward(_ x: Tensor) -> Tensor {
      var high = [Dimension](repeating: 0, count: x.rank)
      high[x.rank - 1] = 1
      return logSoftmax(x.padded(low: [Dimension](repeating: 0, count: x.rank), high: high))
    }

    /// The sum of the logarithms, and half the logarithm of their number.
    private func logDet(_ logProbs: Tensor) -> Tensor {
      logProbs.sum(axes: [-1]) + 0.5 * log(logProbs.graph.extent(logProbs.shape[-1], dtype: logProbs.dtype))
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { exp(logForward(x)) }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let size = y.shape[-1] - 1
      return log(part(y, axis: -1, from: 0, extent: size)) - log(part(y, axis: -1, from: size, extent: 1))
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { logDet(logForward(x)) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { -logDet(log(y)) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape { [shape[-1] + 1] }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape { try simplexSize(shape) }
  }
}

/// The event shape of what a vector of probabilities comes from: one element less.
func simplexSize(_ shape: Shape) throws(OperandError) -> Shape {
  guard shape[-1] != 1 else { throw OperandError(.shape, "its last axis must have at least 2 elements") }
  return [shape[-1] - 1]
}
