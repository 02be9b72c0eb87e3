import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// A bijector the other way round: its `forward` is the other's `inverse`.
  public struct Invert: Bijector {
    /// The bijector whose directions are exchanged.
    public let bijector: any Bijector
    public let traits: BijectorTraits
    public var parts: [any Bijector] { [bijector] }

    /// The inverse of a bijector.
    public init(_ bijector: any Bijector, name: String? = nil) {
      self.bijector = bijector
      traits = BijectorTraits(
        "Invert", name: name ?? "Invert" + bijector.name, forwardMinEventNDims: bijector.inverseMinEventNDims,
        inverseMinEventNDims: bijector.forwardMinEventNDims, isConstantJacobian: bijector.isConstantJacobian)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { bijector.inverse(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { bijector.forward(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { bijector.inverseLogDetJacobian(x) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { bijector.forwardLogDetJacobian(y) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try bijector.nestedEventShape(shape, .inverse)
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try bijector.nestedEventShape(shape, .forward)
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { bijector.slopeFormula(like: x) }
  }
}
