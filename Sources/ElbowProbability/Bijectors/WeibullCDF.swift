import ElbowGraph

extension Bijectors {
  /// The cdf of ``Weibull``, of numbers that are not negative onto (0, 1).
  ///
  ///     y = 1 - exp(-(x / scale)^k),  k = concentration
  ///     log |dy/dx| = log(k) - k log(scale) + (k - 1) log(x) - (x / scale)^k
  public struct WeibullCDF: Bijector {
    /// The scale, positive, which broadcasts with x; 1 by default.
    public let scale: BijectorParameter
    /// The exponent k, positive, which broadcasts with x; 1, by default, gives the exponential distribution's cdf.
    public let concentration: BijectorParameter
    public let traits: BijectorTraits

    /// The cdf for a scale and a concentration, both positive, which broadcast with x.
    public init(scale: some TensorLike = 1.0, concentration: some TensorLike = 1.0, name: String? = nil) {
      self.scale = BijectorParameter("scale", scale, .positive)
      self.concentration = BijectorParameter("concentration", concentration, .positive)
      traits = BijectorTraits("WeibullCDF", name: name, parameters: [self.scale, self.concentration])
    }

    private func values(_ x: Tensor) -> (scale: Tensor, concentration: Tensor) {
      (scale.tensor(like: x), concentration.tensor(like: x))
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let (scale, concentration) = values(x)
      return -expm1(-pow(x / scale, concentration))
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let (scale, concentration) = values(y)
      return scale * pow(-log1p(-y), 1 / concentration)
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let (scale, concentration) = values(x)
      return log(concentration) - concentration * log(scale) + weightedLog(concentration - 1, x)
        - pow(x / scale, concentration)
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      let (scale, concentration) = values(y)
      let rest = -log1p(-y)
      // At y = 1 the last term is infinite, whatever the one before would be.
      let finite = select(rest < .infinity, rest, rest.onesLike())
      return log(scale) - log(concentration) + weightedLog(1 / concentration - 1, finite) + rest
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { (y > 0) .& (y < 1) }
  }
}
