import ElbowGraph

extension Bijectors {
  /// The cdf of ``Gumbel``, onto (0, 1).
  ///
  ///     y = exp(-exp(-z)),  z = (x - loc) / scale
  ///     log |dy/dx| = -z - exp(-z) - log(scale)
  public struct GumbelCDF: Bijector {
    /// The location, which broadcasts with x; 0 by default.
    public let loc: BijectorParameter
    /// The scale, positive, which broadcasts with x; 1 by default.
    public let scale: BijectorParameter
    public let traits: BijectorTraits

    /// The cdf for a location and a positive scale, which broadcast with x.
    public init(loc: some TensorLike = 0.0, scale: some TensorLike = 1.0, name: String? = nil) {
      self.loc = BijectorParameter("loc", loc)
      self.scale = BijectorParameter("scale", scale, .positive)
      traits = BijectorTraits("GumbelCDF", name: name, parameters: [self.loc, self.scale])
    }

    private func standardized(_ x: Tensor) -> Tensor { (x - loc.tensor(like: x)) / scale.tensor(like: x) }

    public func forwardFormula(_ x: Tensor) -> Tensor? { exp(-exp(-standardized(x))) }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      loc.tensor(like: y) - scale.tensor(like: y) * log(-log(y))
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let z = standardized(x)
      return -z - exp(-z) - log(scale.tensor(like: x))
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      // y log(y) is 0 at y = 0.
      log(scale.tensor(like: y)) - log(-weightedLog(y, y)) + loc.tensor(like: y).zerosLike()
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { (y > 0) .& (y < 1) }
  }
}
