import ElbowGraph

extension Bijectors {
  /// y = 1 / x of numbers other than 0.
  ///
  ///     log |dy/dx| = -2 log |x|
  public struct Reciprocal: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `Reciprocal` unless `name` is given. That x is not 0 is
    /// not checked: its image is infinite.
    public init(name: String? = nil) { traits = BijectorTraits("Reciprocal", name: name, isOnlyMapOfType: true) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { 1 / x }
    public func inverseFormula(_ y: Tensor) -> Tensor? { 1 / y }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { -2 * log(abs(x)) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { -2 * log(abs(y)) }
  }
}
