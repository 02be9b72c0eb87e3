import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Square matrices whose diagonals another bijector maps; the rest stays.
  ///
  ///     log |det dy/dx| = log |det| of the bijector at the diagonal
  public struct TransformDiagonal: Bijector {
    /// The bijector of the diagonal, a vector.
    public let diagBijector: any Bijector
    public let traits: BijectorTraits
    public var parts: [any Bijector] { [diagBijector] }

    /// A map that applies a bijector of numbers or of vectors to diagonals.
    public init(_ diagBijector: any Bijector, name: String? = nil) {
      self.diagBijector = diagBijector
      traits = BijectorTraits(
        "TransformDiagonal", name: name, forwardMinEventNDims: 2, isConstantJacobian: diagBijector.isConstantJacobian)
    }

    private func replaced(_ x: Tensor, by diagonal: Tensor) -> Tensor {
      let square = x.shape.suffix(2)
      let isDiagonal = x.graph.iota(square, axis: 0) .== x.graph.iota(square, axis: 1)
      return select(isDiagonal, diagonal.expandedDims(-1), x)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { replaced(x, by: diagBijector.forward(diagPart(x))) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { replaced(y, by: diagBijector.inverse(diagPart(y))) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      diagBijector.forwardLogDetJacobian(diagPart(x), eventNDims: 1)
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      diagBijector.inverseLogDetJacobian(diagPart(y), eventNDims: 1)
    }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try checkSquare(shape)
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }
}
