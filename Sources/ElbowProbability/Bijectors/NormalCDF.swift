import ElbowGraph

extension Bijectors {
  /// The standard normal distribution's cdf, onto (0, 1); its inverse makes normal numbers of uniform ones.
  ///
  ///     log |dy/dx| = -x^2 / 2 - log(2 pi) / 2
  public struct NormalCDF: Bijector {
    public let traits: BijectorTraits

    /// A map of single numbers, in tensors of any shape; named `NormalCDF` unless `name` is given. The inverse of 0 is
    /// -infinity, and of 1 infinity.
    public init(name: String? = nil) { traits = BijectorTraits("NormalCDF", name: name, isOnlyMapOfType: true) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { ndtr(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { ndtri(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { -0.5 * x * x - 0.5 * Double.log2Pi }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { (y > 0) .& (y < 1) }
  }
}
