import ElbowGraph

extension Bijectors {
  /// y = x / (1 + |x|), onto (-1, 1).
  ///
  ///     log |dy/dx| = -2 log(1 + |x|)
  public struct Softsign: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `Softsign` unless `name` is given. That y lies between
    /// -1 and 1 is not checked when it is inverted.
    public init(name: String? = nil) { traits = BijectorTraits("Softsign", name: name, isOnlyMapOfType: true) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { x / (1 + abs(x)) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { y / (1 - abs(y)) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { -2 * log1p(abs(x)) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { -2 * log1p(-abs(y)) }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { abs(y) < 1 }
  }
}
