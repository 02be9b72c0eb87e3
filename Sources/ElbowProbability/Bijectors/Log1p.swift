import ElbowGraph

extension Bijectors {
  /// y = log(1 + x) of numbers above -1.
  ///
  ///     log |dy/dx| = -log(1 + x)
  public struct Log1p: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `Log1p` unless `name` is given. The image of -1 is
    /// -infinity, and of a number below it NaN.
    public init(name: String? = nil) { traits = BijectorTraits("Log1p", name: name, isOnlyMapOfType: true) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { log1p(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { expm1(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { -log1p(x) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { y }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
  }
}
