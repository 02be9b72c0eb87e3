import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors times a diagonal matrix: y = diag(scaleDiag) x.
  ///
  ///     log |det dy/dx| = sum_i log |scaleDiag_i|
  public struct ScaleMatvecDiag: Bijector {
    /// The diagonals, `[..., k]`.
    public let scaleDiag: BijectorParameter
    public let traits: BijectorTraits

    /// A map for diagonals without zeros, whose axes before the last broadcast with those of x.
    public init(_ scaleDiag: some TensorLike, name: String? = nil) {
      self.scaleDiag = BijectorParameter("scaleDiag", scaleDiag, eventNDims: 1)
      traits = BijectorTraits(
        "ScaleMatvecDiag", name: name, parameters: [self.scaleDiag], forwardMinEventNDims: 1, isConstantJacobian: true)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { x * scaleDiag.tensor(like: x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { y / scaleDiag.tensor(like: y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      log(abs(scaleDiag.tensor(like: x))).sum(axes: [-1])
    }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try scaleDiag.checkSize(shape)
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }
}
