import ElbowGraph

extension Bijectors {
  /// The cdf of ``Kumaraswamy``, of the unit interval onto itself.
  ///
  ///     y = 1 - (1 - x^a)^b,  a = concentration1, b = concentration0
  ///     log |dy/dx| = log(a) + log(b) + (a - 1) log(x) + (b - 1) log(1 - x^a)
  public struct KumaraswamyCDF: Bijector {
    /// a, positive.
    public let concentration1: BijectorParameter
    /// b, positive.
    public let concentration0: BijectorParameter
    public let traits: BijectorTraits

    /// The cdf for concentrations that broadcast with x.
    public init(concentration1: some TensorLike = 1.0, concentration0: some TensorLike = 1.0, name: String? = nil) {
      self.concentration1 = BijectorParameter("concentration1", concentration1, .positive)
      self.concentration0 = BijectorParameter("concentration0", concentration0, .positive)
      traits = BijectorTraits(
        "KumaraswamyCDF", name: name, parameters: [self.concentration1, self.concentration0])
    }

    private func values(_ x: Tensor) -> (a: Tensor, b: Tensor) {
      (concentration1.tensor(like: x), concentration0.tensor(like: x))
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let (a, b) = values(x)
      return -expm1(b * log1mexp(a * log(x)))
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let (a, b) = values(y)
      return exp(log1mexp(log1p(-y) / b) / a)
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let (a, b) = values(x)
      return log(a) + log(b) + weightedLog(a - 1, x) + (b - 1) * log1mexp(a * log(x))
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      let (a, b) = values(y)
      let rest = log1p(-y) / b
      // log(1 - x^a) is the logarithm's share of b, and log(x) is that of 1 - (1 - x^a) by a.
      return -log(a) - log(b) - (a - 1) * log1mexp(rest) / a - (b - 1) * rest
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { (y > 0) .& (y < 1) }
  }
}
