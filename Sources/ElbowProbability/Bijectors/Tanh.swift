import ElbowGraph

extension Bijectors {
  /// y = tanh(x), onto (-1, 1).
  ///
  ///     log |dy/dx| = log(1 - tanh(x)^2) = -2 log(cosh(x))
  ///
  /// The inverse of -1 and 1 is infinite, and NaN beyond.
  public struct Tanh: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `Tanh` unless `name` is given.
    public init(name: String? = nil) { traits = BijectorTraits("Tanh", name: name, isOnlyMapOfType: true) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { tanh(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { atanh(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { -2 * logCosh(x) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { -(log1p(y) + log1p(-y)) }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { abs(y) < 1 }
  }
}
