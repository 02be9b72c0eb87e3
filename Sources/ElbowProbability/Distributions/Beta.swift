import ElbowArrays
import ElbowGraph

/// The beta distribution on the unit interval.
///
///     p(x) = x^(a-1) (1-x)^(b-1) / B(a, b),  a = concentration1, b = concentration0, 0 <= x <= 1
///
/// The concentrations broadcast to the batch shape; an event is a scalar. Gradients flow through samples by implicit
/// reparameterisation. The mode is NaN where there is none inside.
public struct Beta: Distribution {
  /// a, positive: in proportion to the mean.
  public let concentration1: Tensor
  /// b, positive: in proportion to 1 - mean.
  public let concentration0: Tensor
  public let traits: DistributionTraits
  public var support: ValueSupport? { .unitInterval("Beta") }

  /// A distribution of each `concentration1` and `concentration0`.
  public init(concentration1: some TensorConvertible, concentration0: some TensorLike, name: String? = nil) {
    self.init(
      in: concentration1.tensor.graph, concentration1: concentration1.tensor, concentration0: concentration0,
      dtype: concentration1.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Beta(in: graph, concentration1: 1, concentration0: 1)`.
  public init(
    in graph: Graph, concentration1: some TensorLike, concentration0: some TensorLike, dtype: DType? = nil,
    name: String? = nil
  ) {
    var table = ParameterTable("Beta", in: graph, dtype: dtype)
    self.concentration1 = table.add("concentration1", concentration1, .positive)
    self.concentration0 = table.add("concentration0", concentration0, .positive)
    traits = table.traits(name: name)
  }

  private var total: Tensor { concentration1 + concentration0 }

  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...1, safe: 0.5, formula)
  }
  /// P(X <= x) and P(X > x).
  private func shares(_ x: Tensor) -> (lower: Tensor, upper: Tensor) { betaShares(concentration1, concentration0, x) }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    let one = graph.randomGamma(shape, concentration: concentration1)
    return one / (one + graph.randomGamma(shape, concentration: concentration0))
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: (x < 0) .| (x > 1), safe: 0.5, value: -.infinity) { x in
      // At x = 1 the other factor is 0^0 where b is 1.
      let isEnd = (x .== 1) .& (concentration0 .== 1)
      let rest = (concentration0 - 1) * log1p(-select(isEnd, x.scalar(0.5), x))
      return weightedLog(concentration1 - 1, x) + select(isEnd, rest.zerosLike(), rest)
        - lbeta(concentration1, concentration0)
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? {
    tails(.cdf, x) { betainc(concentration1, concentration0, $0) }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { shares($0).upper } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    tails(.logCDF, x) { x in
      let (lower, upper) = shares(x)
      return logBetainc(
        lower, complement: upper, concentration1, concentration0, logX: log(x), logY: log1p(-x))
    }
  }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.logSurvival, x) { x in
      let (lower, upper) = shares(x)
      return logBetainc(
        upper, complement: lower, concentration0, concentration1, logX: log1p(-x), logY: log(x))
    }
  }
  public func quantileFormula(_ p: Tensor) -> Tensor? { betaincinv(concentration1, concentration0, p) }
  public func meanFormula() -> Tensor? { concentration1 / total }
  public func modeFormula() -> Tensor? {
    select((concentration1 > 1) .& (concentration0 > 1), (concentration1 - 1) / (total - 2), total.scalar(.nan))
  }
  public func varianceFormula() -> Tensor? {
    (concentration1 / total) * (concentration0 / total) / (total + 1)
  }
  public func entropyFormula() -> Tensor? {
    lbeta(concentration1, concentration0) - (concentration1 - 1) * digamma(concentration1)
      - (concentration0 - 1) * digamma(concentration0) + (total - 2) * digamma(total)
  }
}

extension Beta {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Beta(concentration1: $0[0], concentration0: $0[1]) }
  ]
}
