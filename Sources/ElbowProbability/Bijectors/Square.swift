import ElbowGraph

extension Bijectors {
  /// y = x^2 of numbers that are not negative; the inverse is the root that is not.
  ///
  ///     log |dy/dx| = log(2) + log(x)
  public struct Square: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `Square` unless `name` is given. That x is not negative
    /// is not checked; the inverse of its square is then -x.
    public init(name: String? = nil) { traits = BijectorTraits("Square", name: name, isOnlyMapOfType: true) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { x * x }
    public func inverseFormula(_ y: Tensor) -> Tensor? { sqrt(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { log(x) + Double.ln2 }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { -0.5 * log(y) - Double.ln2 }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { y > 0 }
  }
}
