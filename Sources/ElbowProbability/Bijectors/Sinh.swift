import ElbowGraph

extension Bijectors {
  /// y = sinh(x).
  ///
  ///     log |dy/dx| = log(cosh(x))
  public struct Sinh: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `Sinh` unless `name` is given.
    public init(name: String? = nil) { traits = BijectorTraits("Sinh", name: name, isOnlyMapOfType: true) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { sinh(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { asinh(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { logCosh(x) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { -0.5 * logOnePlusSquare(y) }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
  }
}
