import ElbowGraph

extension Bijectors {
  /// y = (1 + c x)^(1/c) of numbers above -1/c, and exp(x) for c = 0, onto the positive numbers: the inverse of the Box-Cox
  /// transformation (Box and Cox 1964).
  ///
  ///     log |dy/dx| = (1/c - 1) log(1 + c x)
  public struct PowerTransform: Bijector {
    /// c, at least 0.
    public let power: Double
    public let traits: BijectorTraits

    /// A map for a power c of at least 0.
    public init(power: Double = 0, name: String? = nil) {
      self.power = power
      traits = BijectorTraits("PowerTransform", name: name)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { power == 0 ? exp(x) : exp(log1p(x * power) / power) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { power == 0 ? log(y) : expm1(log(y) * power) / power }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      power == 0 ? x : (1 / power - 1) * log1p(x * power)
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { (power - 1) * log(y) }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { y > 0 }
  }
}
