import ElbowGraph

extension Bijectors {
  /// y = low + (high - low) / (1 + exp(-x)), onto (low, high); by default onto (0, 1).
  ///
  ///     log |dy/dx| = log(high - low) - softplus(x) - softplus(-x)
  ///
  /// The inverse of low and high is infinite, and NaN beyond.
  public struct Sigmoid: Bijector {
    /// The ends; nil for 0 and 1.
    public let bounds: (low: BijectorParameter, high: BijectorParameter)?
    public let traits: BijectorTraits

    /// The map onto (0, 1).
    public init(name: String? = nil) {
      bounds = nil
      traits = BijectorTraits("Sigmoid", name: name)
    }

    /// The map onto (low, high); both broadcast with x.
    public init(low: some TensorLike, high: some TensorLike, name: String? = nil) {
      let bounds = (low: BijectorParameter("low", low), high: BijectorParameter("high", high))
      self.bounds = bounds
      traits = BijectorTraits("Sigmoid", name: name, parameters: [bounds.low, bounds.high])
    }

    private func ends(_ x: Tensor) -> (low: Tensor, high: Tensor)? {
      bounds.map { ($0.low.tensor(like: x), $0.high.tensor(like: x)) }
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      guard let (low, high) = ends(x) else { return sigmoid(x) }
      // From the nearer end, so that no digits of the distance to it are lost.
      let share = sigmoid(select(x < 0, x, -x))
      return select(x < 0, low + (high - low) * share, high - (high - low) * share)
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      guard let (low, high) = ends(y) else { return log(y) - log1p(-y) }
      return log(y - low) - log(high - y)
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let standard = standardLogisticLogProb(x)
      return ends(x).map { standard + log($0.high - $0.low) } ?? standard
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      guard let (low, high) = ends(y) else { return -log(y) - log1p(-y) }
      return log(high - low) - log(y - low) - log(high - y)
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
    public func rangeFormula(_ y: Tensor) -> Tensor? {
      guard let (low, high) = ends(y) else { return (y > 0) .& (y < 1) }
      return (y > low) .& (y < high)
    }
  }
}
