import ElbowArrays
import ElbowGraph

/// The normal distribution within an interval.
///
///     p(x) = exp(-((x - loc) / scale)^2 / 2) / (scale sqrt(2 pi) Z),  low <= x <= high
///
/// with Z the normal distribution's probability of the interval. The parameters broadcast to the batch shape; an event is a
/// scalar. Interval and values may lie far in a tail: probabilities are computed from the nearer end.
public struct TruncatedNormal: Distribution {
  /// The normal distribution's mean.
  public let loc: Tensor
  /// The normal distribution's standard deviation, positive.
  public let scale: Tensor
  /// The lower end.
  public let low: Tensor
  /// The upper end, above `low`.
  public let high: Tensor
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { Bijectors.Sigmoid(low: low, high: high) }

  /// A distribution of each `loc`, `scale`, `low` and `high`.
  public init(
    loc: some TensorConvertible, scale: some TensorLike, low: some TensorLike, high: some TensorLike,
    name: String? = nil
  ) {
    self.init(
      in: loc.tensor.graph, loc: loc.tensor, scale: scale, low: low, high: high, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `TruncatedNormal(in: graph, loc: 0, scale: 1, low: -1, high: 2)`.
  public init(
    in graph: Graph, loc: some TensorLike, scale: some TensorLike, low: some TensorLike, high: some TensorLike,
    dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("TruncatedNormal", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc)
    self.scale = table.add("scale", scale, .positive)
    self.low = table.add("low", low)
    self.high = table.add("high", high)
    table.requireOrder(self.low, self.high)
    traits = table.traits(name: name)
  }

  private func standardized(_ x: Tensor) -> Tensor { (x - loc) / scale }
  /// The same for an end, which may be infinite; then no gradient flows.
  private func standardizedEnd(_ end: Tensor) -> Tensor {
    let isFinite = abs(end) < .infinity
    return select(isFinite, standardized(select(isFinite, end, end.zerosLike())), stopGradient(end))
  }
  private var lower: Tensor { standardizedEnd(low) }
  private var upper: Tensor { standardizedEnd(high) }
  private var logNormalizer: Tensor { logNormalInterval(lower, upper) }
  private func clamped(_ x: Tensor) -> Tensor { minimum(maximum(x, low), high) }

  /// The standard density over Z, at z.
  private func density(_ z: Tensor) -> Tensor { exp(-0.5 * z * z - 0.5 * Double.log2Pi - logNormalizer) }
  /// z density(z); 0 at infinity.
  private func weighted(_ z: Tensor) -> Tensor { multiplyNoNaN(density(z), z) }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let z = standardized(x)
    let value = -0.5 * z * z - (log(scale) + 0.5 * Double.log2Pi) - logNormalizer
    return select((x < low) .| (x > high), x.scalar(-.infinity), value)
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { exp(logShare(logLower($0), rest: logUpper($0))) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    tails(.logCDF, x) { logShare(logLower($0), rest: logUpper($0)) }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.survival, x) { exp(logShare(logUpper($0), rest: logLower($0))) }
  }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.logSurvival, x) { logShare(logUpper($0), rest: logLower($0)) }
  }
  public func quantileFormula(_ p: Tensor) -> Tensor? {
    // From the tail that is nearer to the result.
    let width = exp(logNormalizer)
    let (below, above) = (ndtr(lower) + p * width, ndtr(-upper) + (1 - p) * width)
    let isLower = below < above
    let z = select(
      isLower, ndtri(select(isLower, below, below.scalar(0.5))), -ndtri(select(isLower, below.scalar(0.5), above)))
    return clamped(loc + scale * z)
  }
  public func meanFormula() -> Tensor? { loc + scale * (density(lower) - density(upper)) }
  public func modeFormula() -> Tensor? { clamped(loc) }
  public func varianceFormula() -> Tensor? {
    let shift = density(lower) - density(upper)
    return scale * scale * (1 + (weighted(lower) - weighted(upper)) - shift * shift)
  }
  public func entropyFormula() -> Tensor? {
    log(scale) + 0.5 * (1 + Double.log2Pi) + logNormalizer + 0.5 * (weighted(lower) - weighted(upper))
  }

  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    // Where the one end is infinite, a number near the other.
    let (isLow, isHigh) = (abs(low) < .infinity, abs(high) < .infinity)
    let middle = select(
      isLow, select(isHigh, low + 0.5 * (high - low), low + scale), select(isHigh, high - scale, loc))
    return cumulative(function, x, isBelow: x <= low, isAbove: x >= high, safe: stopGradient(middle), formula)
  }
  private func logLower(_ x: Tensor) -> Tensor { logNormalInterval(lower, standardized(x)) - logNormalizer }
  private func logUpper(_ x: Tensor) -> Tensor { logNormalInterval(standardized(x), upper) - logNormalizer }
}

extension TruncatedNormal {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(4) { TruncatedNormal(loc: $0[0], scale: $0[1], low: $0[2], high: $0[3]) }
  ]
}
