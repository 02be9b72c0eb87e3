import ElbowGraph

extension Bijectors {
  /// y = exp(x), onto the positive numbers.
  ///
  ///     log |dy/dx| = x
  ///
  /// The inverse of 0 is -infinity, and of a negative number NaN.
  public struct Exp: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `Exp` unless `name` is given.
    public init(name: String? = nil) { traits = BijectorTraits("Exp", name: name, isOnlyMapOfType: true) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { exp(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { log(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { x }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { -log(y) }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { y > 0 }
  }
}
