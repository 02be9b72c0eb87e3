import ElbowArrays
import ElbowGraph

/// Kumaraswamy's distribution on the unit interval, much like the beta distribution but with a simple cdf.
///
///     p(x) = a b x^(a-1) (1 - x^a)^(b-1),  a = concentration1, b = concentration0, 0 <= x <= 1
///
/// The concentrations broadcast to the batch shape; an event is a scalar. The mode is NaN where there is none inside.
public struct Kumaraswamy: Distribution {
  /// a, positive.
  public let concentration1: Tensor
  /// b, positive.
  public let concentration0: Tensor
  public let traits: DistributionTraits
  public var support: ValueSupport? { .unitInterval("Kumaraswamy") }

  /// A distribution of each `concentration1` and `concentration0`.
  public init(concentration1: some TensorConvertible, concentration0: some TensorLike = 1.0, name: String? = nil) {
    self.init(
      in: concentration1.tensor.graph, concentration1: concentration1.tensor, concentration0: concentration0,
      dtype: concentration1.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Kumaraswamy(in: graph, concentration1: 1, concentration0: 1)`.
  public init(
    in graph: Graph, concentration1: some TensorLike = 1.0, concentration0: some TensorLike = 1.0,
    dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("Kumaraswamy", in: graph, dtype: dtype)
    self.concentration1 = table.add("concentration1", concentration1, .positive)
    self.concentration0 = table.add("concentration0", concentration0, .positive)
    traits = table.traits(name: name)
  }

  /// log(1 - x^a), of x within the support.
  private func logRest(_ x: Tensor) -> Tensor { log1mexp(concentration1 * log(x)) }
  /// log P(X > x) = b log(1 - x^a), of x within the support.
  private func logTail(_ x: Tensor) -> Tensor { concentration0 * logRest(x) }
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...1, safe: 0.5, formula)
  }
  /// log E[X^n] = log(b B(1 + n/a, b)).
  private func logMoment(_ n: Double) -> Tensor {
    log(concentration0) + lbeta(1 + n / concentration1, concentration0)
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: (x < 0) .| (x > 1), safe: 0.5, value: -.infinity) { x in
      // 1 - x^a is 1 at x = 0, and its power 0^0 at x = 1 where b is 1.
      let isEnd = (x .== 0) .| ((x .== 1) .& (concentration0 .== 1))
      let rest = (concentration0 - 1) * logRest(select(isEnd, x.scalar(0.5), x))
      return log(concentration1) + log(concentration0) + weightedLog(concentration1 - 1, x)
        + select(isEnd, rest.zerosLike(), rest)
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { -expm1(logTail($0)) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    // b x^a is all there is where it is tiny.
    tails(.logCDF, x) { log1mexp(logTail($0), logOfMinus: log(concentration0) + concentration1 * log($0)) }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { exp(logTail($0)) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.logSurvival, x) { logTail($0) } }
  public func quantileFormula(_ p: Tensor) -> Tensor? { exp(log1mexp(log1p(-p) / concentration0) / concentration1) }
  public func meanFormula() -> Tensor? { exp(logMoment(1)) }
  public func modeFormula() -> Tensor? {
    let hasMode = (concentration1 > 1) .& (concentration0 > 1)
    let inside = log((concentration1 - 1) / (concentration1 * concentration0 - 1)) / concentration1
    return select(hasMode, exp(inside), inside.scalar(.nan))
  }
  public func varianceFormula() -> Tensor? { exp(logMoment(2)) - exp(2 * logMoment(1)) }
  public func entropyFormula() -> Tensor? {
    let harmonic = digamma(concentration0 + 1) + Double.eulerGamma
    return (1 - 1 / concentration0) + (1 - 1 / concentration1) * harmonic - log(concentration1) - log(concentration0)
  }
}

extension Kumaraswamy {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Kumaraswamy(concentration1: $0[0], concentration0: $0[1]) }
  ]
}
