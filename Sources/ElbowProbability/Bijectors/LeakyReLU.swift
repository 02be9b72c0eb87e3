import ElbowGraph

extension Bijectors {
  /// y = x where x >= 0, alpha x elsewhere.
  ///
  ///     log |dy/dx| = 0 where x >= 0, log(alpha) elsewhere
  public struct LeakyReLU: Bijector {
    /// The slope below 0, positive.
    public let alpha: BijectorParameter
    public let traits: BijectorTraits

    /// A map with a positive slope `alpha` below 0, which broadcasts with x.
    public init(alpha: some TensorLike = 0.2, name: String? = nil) {
      self.alpha = BijectorParameter("alpha", alpha, .positive)
      traits = BijectorTraits("LeakyReLU", name: name, parameters: [self.alpha])
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { select(x >= 0, x, x * alpha.tensor(like: x)) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { select(y >= 0, y, y / alpha.tensor(like: y)) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let slope = log(alpha.tensor(like: x))
      return select(x >= 0, slope.zerosLike(), slope)
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      forwardLogDetJacobianFormula(y).map { -$0 }
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
  }
}
