import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors of k numbers to vectors of k + 1 probabilities, by breaking a stick: each takes a share of what is left.
  ///
  ///     z_i = sigmoid(x_i - log(k + 1 - i)),  y_i = z_i (1 - z_1) ... (1 - z_(i-1)),  y_(k+1) = (1 - z_1) ... (1 - z_k)
  ///     log |det dy/dx| = sum_i (log(y_i) + log(1 - z_i))
  ///
  /// x = 0 gives equal probabilities (Stan reference manual, "Unit simplex"). The determinant is that of the first k.
  public struct IteratedSigmoidCentered: Bijector {
    public let traits: BijectorTraits

    /// A map of vectors `[..., k]` to vectors `[..., k + 1]`; named `IteratedSigmoidCentered` unless `name` is given.
    /// The inverse of a vector of one element is a recorded mistake.
    public init(name: String? = nil) {
      traits = BijectorTraits("IteratedSigmoidCentered", name: name, forwardMinEventNDims: 1)
    }

    /// log(k + 1 - i) for the vectors of x.
    private func offsets(_ x: Tensor) -> Tensor {
      let size = x.shape.suffix(1)
      return log(x.graph.extent(size[0], dtype: x.dtype) - x.graph.iota(size, axis: 0, dtype: x.dtype))
    }

    /// The logarithms of each share and of what it leaves, and of what is left before it.
    private func logShares(_ x: Tensor) -> (taken: Tensor, left: Tensor, before: Tensor) {
      let shifted = x - offsets(x)
      let left = -softplus(shifted)
      return (-softplus(-shifted), left, cumsum(left, axis: -1, exclusive: true))
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let (taken, left, before) = logShares(x)
      return exp(concatenate([taken + before, left.sum(axes: [-1], keepDims: true)], axis: -1))
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let size = y.shape[-1] - 1
      let share = part(y, axis: -1, from: 0, extent: size)
      // Summed from the end, for 1 less what was taken cancels.
      let left = part(cumsum(y, axis: -1, reverse: true), axis: -1, from: 1, extent: size)
      return log(share) - log(left) + offsets(share)
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let (taken, left, before) = logShares(x)
      return (taken + left + before).sum(axes: [-1])
    }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape { [shape[-1] + 1] }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape { try simplexSize(shape) }
  }
}
