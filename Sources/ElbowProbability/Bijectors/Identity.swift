import ElbowGraph

extension Bijectors {
  /// y = x.
  public struct Identity: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `Identity` unless `name` is given.
    public init(name: String? = nil) {
      traits = BijectorTraits("Identity", name: name, isConstantJacobian: true, isOnlyMapOfType: true)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { x }
    public func inverseFormula(_ y: Tensor) -> Tensor? { y }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { x.scalar(0) }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
  }
}
