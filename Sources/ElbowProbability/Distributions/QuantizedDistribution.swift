import ElbowArrays
import ElbowGraph

/// A distribution of real numbers, rounded up to whole ones.
///
///     P(y) = P(y - 1 < X <= y),  P(low) = P(X <= low),  P(high) = P(X > high - 1)
///
/// Below `low` and above `high` there is nothing: their mass goes to the end points. Events are scalars, and whole numbers in
/// floating point. Salimans et al. 2017, "PixelCNN++", use logistic distributions so.
public struct QuantizedDistribution: Distribution {
  /// The distribution whose values are rounded.
  public let distribution: any Distribution
  /// The lowest value; nil if there is none.
  public let low: Double?
  /// The highest value; nil if there is none.
  public let high: Double?
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { nil }
  public var parts: [any Distribution] { [distribution] }

  /// A distribution whose draws are rounded up, and then put between `low` and `high`.
  public init(_ distribution: any Distribution, low: Double? = nil, high: Double? = nil, name: String? = nil) {
    self.distribution = distribution
    self.low = low
    self.high = high
    let graph = distribution.graph
    let mistake: String? =
      if distribution.eventShape.rank > 0 {
        "the events of \(distribution) are not scalars."
      } else if ![low, high].allSatisfy({ $0.map { $0 == $0.rounded() && $0.isFinite } ?? true }) {
        "'low' and 'high' are whole numbers or nil, not \(low.map { "\($0)" } ?? "nil") and \(high.map { "\($0)" } ?? "nil")."
      } else if let low, let high, low >= high {
        "'low' must be below 'high', but they are \(low) and \(high)."
      } else {
        nil
      }
    if let mistake, distribution.isValid {
      _ = graph.invalid(.invalidArgument, "QuantizedDistribution(_:low:high:): " + mistake)
    }
    traits = DistributionTraits(
      typeName: "QuantizedDistribution", name: name ?? "Quantized" + distribution.name, graph: graph,
      batchShape: distribution.batchShape, eventShape: .scalar, dtype: distribution.dtype,
      parameterDType: distribution.traits.parameterDType, isValid: distribution.isValid && mistake == nil)
  }

  /// A function of the distribution at whole numbers, with other values below `low` and from `high` on.
  private func stepwise(
    _ y: Tensor, below: Double, above: Double, _ formula: (Tensor) -> Tensor?
  ) -> Tensor? {
    let whole = floor(y)
    var safe = whole
    if let low { safe = maximum(safe, low) }
    if let high { safe = minimum(safe, high - 1) }
    return formula(safe).map { inside in
      var result = inside
      if let low { result = select(whole < low, y.scalar(below), result) }
      if let high { result = select(whole >= high, y.scalar(above), result) }
      return result
    }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    distribution.sampleFormula(shape).map { x in
      var y = ceil(x)
      if let low { y = maximum(y, low) }
      if let high { y = minimum(y, high) }
      return y
    }
  }
  public func cdfFormula(_ y: Tensor) -> Tensor? {
    stepwise(y, below: 0, above: 1) { distribution.cdfFormula($0) }
  }
  public func logCDFFormula(_ y: Tensor) -> Tensor? {
    stepwise(y, below: -.infinity, above: 0) { distribution.logCDFFormula($0) }
  }
  public func survivalFunctionFormula(_ y: Tensor) -> Tensor? {
    stepwise(y, below: 1, above: 0) { distribution.survivalFunctionFormula($0) }
  }
  public func logSurvivalFunctionFormula(_ y: Tensor) -> Tensor? {
    stepwise(y, below: 0, above: -.infinity) { distribution.logSurvivalFunctionFormula($0) }
  }
  public func logProbFormula(_ y: Tensor) -> Tensor? {
    guard let logUpper = logCDFFormula(y), let logLower = logCDFFormula(y - 1),
      let above = logSurvivalFunctionFormula(y), let below = logSurvivalFunctionFormula(y - 1)
    else { return nil }
    // The difference of the two that are smaller, which keeps the digits in both tails.
    let isUpperTail = above < logUpper
    let (large, small) = (select(isUpperTail, below, logUpper), select(isUpperTail, above, logLower))
    var isOutside = y .!= floor(y)
    if let low { isOutside = isOutside .| (y < low) }
    if let high { isOutside = isOutside .| (y > high) }
    // Nothing is subtracted where there is nothing, so that no gradient is infinity times zero.
    let isNothing = isOutside .| (large .== -.infinity) .| (large <= small)
    let isWhole = small .== -.infinity
    let distance = select(isNothing .| isWhole, y.scalar(-1), small - large)
    let value = large + select(isWhole, y.zerosLike(), log1mexp(distance))
    return select(isNothing, y.scalar(-.infinity), value)
  }
}
