import ElbowGraph

extension Bijectors {
  /// y = log(x) of positive numbers.
  ///
  ///     log |dy/dx| = -log(x)
  ///
  /// The logarithm of 0 is -infinity, and of a negative number NaN.
  public struct Log: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `Log` unless `name` is given. That x is positive is not
    /// checked.
    public init(name: String? = nil) { traits = BijectorTraits("Log", name: name, isOnlyMapOfType: true) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { log(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { exp(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { -log(x) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { y }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
  }
}
