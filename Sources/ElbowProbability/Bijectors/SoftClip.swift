import ElbowGraph

extension Bijectors {
  /// Numbers clipped to (low, high) with rounded corners: nearly the identity between.
  ///
  ///     y = high - f(w - f(x - low)) w / f(w),  w = high - low,  f(z) = s log(1 + exp(z / s))
  ///
  /// s is the hinge's softness. Without `high` it is f(x - low) + low, without `low` high - f(high - x). The inverse of an
  /// end is infinite, and NaN beyond.
  public struct SoftClip: Bijector {
    /// The infimum of y, if any.
    public let low: BijectorParameter?
    /// The supremum of y, if any.
    public let high: BijectorParameter?
    /// How far around the ends the curve is bent; nil for 1.
    public let hingeSoftness: BijectorParameter?
    public let traits: BijectorTraits

    /// A map onto (low, high); the parameters broadcast with x.
    public init(
      low: (any TensorLike)? = nil, high: (any TensorLike)? = nil, hingeSoftness: (any TensorLike)? = nil,
      name: String? = nil
    ) {
      self.low = low.map { BijectorParameter("low", $0) }
      self.high = high.map { BijectorParameter("high", $0) }
      self.hingeSoftness = hingeSoftness.map { BijectorParameter("hingeSoftness", $0, .positive) }
      traits = BijectorTraits(
        "SoftClip", name: name, parameters: [self.low, self.high, self.hingeSoftness].compactMap { $0 })
    }

    /// The parameters for formulas of x; `scale` is f(w) / w where both ends are given.
    private func values(_ x: Tensor) -> (low: Tensor?, high: Tensor?, softness: Tensor, scale: Tensor) {
      let (low, high) = (low?.tensor(like: x), high?.tensor(like: x))
      let softness = hingeSoftness?.tensor(like: x) ?? x.scalar(1)
      guard let low, let high else { return (low, high, softness, x.scalar(1)) }
      return (low, high, softness, hinge(high - low, softness) / (high - low))
    }

    private func hinge(_ z: Tensor, _ softness: Tensor) -> Tensor { softness * softplus(z / softness) }
    private func hingeInverse(_ z: Tensor, _ softness: Tensor) -> Tensor { softness * softplusInverse(z / softness) }
    private func logHingeSlope(_ z: Tensor, _ softness: Tensor) -> Tensor { -softplus(-z / softness) }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let (low, high, softness, scale) = values(x)
      let above = low.map { hinge(x - $0, softness) + $0 } ?? x
      return high.map { $0 - hinge($0 - above, softness) / scale } ?? above
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let (low, high, softness, scale) = values(y)
      let above = high.map { $0 - hingeInverse(($0 - y) * scale, softness) } ?? y
      return low.map { hingeInverse(above - $0, softness) + $0 } ?? above
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let (low, high, softness, scale) = values(x)
      let above = low.map { hinge(x - $0, softness) + $0 } ?? x
      let slope = low.map { logHingeSlope(x - $0, softness) } ?? x.zerosLike()
      return high.map { slope + logHingeSlope($0 - above, softness) - log(scale) } ?? slope
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? {
      let (low, high, _, _) = values(y)
      guard let low else { return high.map { y < $0 } }
      return high.map { (y > low) .& (y < $0) } ?? (y > low)
    }
  }
}
