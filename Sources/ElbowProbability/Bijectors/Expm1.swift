import ElbowGraph

extension Bijectors {
  /// y = exp(x) - 1, onto the numbers above -1.
  ///
  ///     log |dy/dx| = x
  public struct Expm1: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `Expm1` unless `name` is given. The inverse of -1 is
    /// -infinity, and of a number below it NaN.
    public init(name: String? = nil) { traits = BijectorTraits("Expm1", name: name, isOnlyMapOfType: true) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { expm1(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { log1p(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { x }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { -log1p(y) }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { y > -1 }
  }
}
