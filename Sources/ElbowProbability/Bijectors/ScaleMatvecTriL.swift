import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors times a lower triangular matrix: y = scaleTriL x.
  ///
  ///     log |det dy/dx| = sum_i log |scaleTriL_ii|
  public struct ScaleMatvecTriL: Bijector {
    /// The matrices, `[..., k, k]`; what lies above the diagonal is not read.
    public let scaleTriL: BijectorParameter
    public let traits: BijectorTraits

    /// A map for matrices without zeros on the diagonal, whose axes before the last two broadcast with the batch of x.
    public init(_ scaleTriL: some TensorLike, name: String? = nil) {
      self.scaleTriL = BijectorParameter("scaleTriL", scaleTriL, eventNDims: 2, isSquare: true)
      traits = BijectorTraits(
        "ScaleMatvecTriL", name: name, parameters: [self.scaleTriL], forwardMinEventNDims: 1, isConstantJacobian: true)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { matvec(tril(scaleTriL.tensor(like: x)), x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { solved(scaleTriL.tensor(like: y), y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      log(abs(diagPart(scaleTriL.tensor(like: x)))).sum(axes: [-1])
    }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try scaleTriL.checkSize(shape)
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }
}
