import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors of k (k + 1) / 2 numbers to lower triangular matrices with a positive diagonal, the scales of multivariate
  /// distributions.
  ///
  ///     y = FillTriangular(x), and on the diagonal diagBijector(x) + diagShift
  public struct FillScaleTriL: Bijector {
    private let chain: Chain
    public let traits: BijectorTraits
    public var parts: [any Bijector] { [chain] }

    /// A map whose diagonal is made by a bijector of single numbers, and a number added to it; nil adds none.
    public init(
      diagBijector: any Bijector = Softplus(), diagShift: (any TensorLike)? = 1e-5, name: String? = nil
    ) {
      let shift = diagShift.map { [Shift($0) as any Bijector] } ?? []
      chain = Chain([TransformDiagonal(Chain(shift + [diagBijector])), FillTriangular()])
      traits = BijectorTraits("FillScaleTriL", name: name, forwardMinEventNDims: 1, inverseMinEventNDims: 2)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { chain.forward(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { chain.inverse(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { chain.forwardLogDetJacobian(x) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { chain.inverseLogDetJacobian(y) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      let size = try triangle(shape)
      return [size, size]
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape { [try triangleCount(shape)] }
  }
}
