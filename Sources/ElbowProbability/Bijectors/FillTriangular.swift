import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors of k (k + 1) / 2 numbers to triangular matrices, in the order of ``fillTriangular(_:upper:)``: clockwise in a
  /// spiral, `[1, 2, 3, 4, 5, 6]` to `[[4, 0, 0], [6, 5, 0], [3, 2, 1]]`.
  ///
  ///     log |det dy/dx| = 0
  public struct FillTriangular: Bijector {
    /// Whether the upper triangle is filled.
    public let upper: Bool
    public let traits: BijectorTraits

    /// A map to lower triangular matrices, or to upper ones.
    public init(upper: Bool = false, name: String? = nil) {
      self.upper = upper
      traits = BijectorTraits(
        "FillTriangular", name: name, forwardMinEventNDims: 1, inverseMinEventNDims: 2, isConstantJacobian: true)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { fillTriangular(x, upper: upper) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { fillTriangularInverse(y, upper: upper) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { x.scalar(0) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      let size = try triangle(shape)
      return [size, size]
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape { [try triangleCount(shape)] }
  }
}
