import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors of any numbers to vectors in ascending order.
  ///
  ///     y_1 = x_1,  y_i = y_(i-1) + exp(x_i)
  ///     log |det dy/dx| = x_2 + ... + x_k
  public struct Ascending: Bijector {
    public let traits: BijectorTraits

    /// A map of vectors `[..., k]` to vectors `[..., k]`; named `Ascending` unless `name` is given.
    public init(name: String? = nil) { traits = BijectorTraits("Ascending", name: name, forwardMinEventNDims: 1) }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      cumsum(select(isFirst(x), x, exp(select(isFirst(x), x.zerosLike(), x))), axis: -1)
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      select(isFirst(y), y, log(select(isFirst(y), y.onesLike(), y - shiftedBack(y, axis: -1))))
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      select(isFirst(x), x.zerosLike(), x).sum(axes: [-1])
    }

    /// True for the first element of a vector.
    private func isFirst(_ x: Tensor) -> Tensor { x.graph.iota(x.shape.suffix(1), axis: 0) .== 0.0 }
  }

  /// Vectors in ascending order to vectors of any numbers: the inverse of ``Ascending``, as earlier versions of TensorFlow
  /// Probability have it.
  public struct Ordered: Bijector {
    private let ascending = Ascending()
    public let traits: BijectorTraits

    /// A map of vectors `[..., k]` to vectors `[..., k]`; named `Ordered` unless `name` is given. That the elements of
    /// x ascend is not checked; where they do not, y is NaN or -infinity.
    public init(name: String? = nil) { traits = BijectorTraits("Ordered", name: name, forwardMinEventNDims: 1) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { ascending.inverseFormula(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { ascending.forwardFormula(y) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { ascending.forwardLogDetJacobianFormula(y) }
  }
}
