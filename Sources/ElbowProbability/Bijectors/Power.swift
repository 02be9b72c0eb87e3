import ElbowGraph

extension Bijectors {
  /// y = x^power of numbers that are not negative; if power is an odd integer, of all numbers.
  ///
  ///     log |dy/dx| = log |power| + (power - 1) log |x|
  public struct Power: Bijector {
    /// The exponent, not 0.
    public let power: Double
    public let traits: BijectorTraits

    /// A map to the power of a number other than 0.
    public init(_ power: Double, name: String? = nil) {
      self.power = power
      traits = BijectorTraits("Power", name: name)
    }

    private var isOdd: Bool { abs(power.truncatingRemainder(dividingBy: 2)) == 1 }

    /// |x|^exponent, with the sign of x if that is kept.
    private func raised(_ x: Tensor, _ exponent: Double) -> Tensor {
      isOdd ? select(x < 0, -pow(abs(x), exponent), pow(abs(x), exponent)) : pow(x, exponent)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { isDefined(x.graph) ? raised(x, power) : x.graph.invalid() }
    public func inverseFormula(_ y: Tensor) -> Tensor? { isDefined(y.graph) ? raised(y, 1 / power) : y.graph.invalid() }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      (power - 1) * log(abs(x)) + log(x.scalar(abs(power)))
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { isOdd && power < 0 ? nil : x.scalar(power) }
    public func rangeFormula(_ y: Tensor) -> Tensor? { isOdd ? nil : y > 0 }

    private func isDefined(_ graph: Graph) -> Bool {
      if power != 0, power.isFinite { return true }
      _ = graph.invalid(.invalidArgument, "Power(_:): the power is \(power), which has no inverse.")
      return false
    }
  }
}
