import ElbowGraph

extension Bijectors {
  /// y = s log(1 + exp(x / s)) + low, onto the numbers above low; s is the hinge's softness, 1 by default, and low 0.
  ///
  ///     log |dy/dx| = -log(1 + exp(-x / s))
  ///
  /// The inverse of low is -infinity, and NaN below.
  public struct Softplus: Bijector {
    /// How far around 0 the curve is bent; nil for 1. A negative one mirrors the curve.
    public let hingeSoftness: BijectorParameter?
    /// The infimum of y; nil for 0.
    public let low: BijectorParameter?
    public let traits: BijectorTraits

    /// A map with a hinge of a softness, which is not 0; both parameters broadcast with x.
    public init(hingeSoftness: (any TensorLike)? = nil, low: (any TensorLike)? = nil, name: String? = nil) {
      self.hingeSoftness = hingeSoftness.map { BijectorParameter("hingeSoftness", $0) }
      self.low = low.map { BijectorParameter("low", $0) }
      traits = BijectorTraits(
        "Softplus", name: name, parameters: [self.hingeSoftness, self.low].compactMap { $0 })
    }

    /// s f(x / s).
    private func scaled(_ x: Tensor, _ function: (Tensor) -> Tensor) -> Tensor {
      guard let softness = hingeSoftness?.tensor(like: x) else { return function(x) }
      return softness * function(x / softness)
    }

    /// The rest of y above `low`, over s.
    private func reduced(_ y: Tensor) -> Tensor {
      let above = low.map { y - $0.tensor(like: y) } ?? y
      return hingeSoftness.map { above / $0.tensor(like: y) } ?? above
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let y = scaled(x, softplus)
      return low.map { y + $0.tensor(like: x) } ?? y
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      scaled(low.map { y - $0.tensor(like: y) } ?? y, softplusInverse)
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      -softplus(hingeSoftness.map { -x / $0.tensor(like: x) } ?? -x)
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { -log(-expm1(-reduced(y))) }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { reduced(y) > 0 }
  }
}
