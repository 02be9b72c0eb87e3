import ElbowArrays
import ElbowGraph

/// The continuous Bernoulli distribution (Loaiza-Ganem and Cunningham 2019): a density on [0, 1] in proportion to
/// probs^x (1 - probs)^(1-x).
///
///     p(x) = exp(logits x) logits / (exp(logits) - 1),  0 <= x <= 1
///
/// The parameter is the batch; an event is a scalar.
public struct ContinuousBernoulli: Distribution {
  /// Whichever was given.
  private let parameter: SuccessParameter
  public let traits: DistributionTraits
  public var support: ValueSupport? { .unitInterval("ContinuousBernoulli") }

  /// A distribution of each log-odds.
  public init(logits: some TensorConvertible, name: String? = nil) {
    self.init(in: logits.tensor.graph, logits: logits.tensor, dtype: logits.tensor.dtype, name: name)
  }
  /// A distribution of each log-odds; parameters may be numbers.
  public init(in graph: Graph, logits: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("ContinuousBernoulli", in: graph, dtype: dtype)
    parameter = .logits(table.add("logits", logits))
    traits = table.traits(name: name)
  }

  /// A distribution of each probability.
  public init(probs: some TensorConvertible, name: String? = nil) {
    self.init(in: probs.tensor.graph, probs: probs.tensor, dtype: probs.tensor.dtype, name: name)
  }
  /// A distribution of each probability; parameters may be numbers.
  public init(in graph: Graph, probs: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("ContinuousBernoulli", in: graph, dtype: dtype)
    parameter = .probs(table.add("probs", probs, .unitInterval))
    traits = table.traits(name: name)
  }

  /// The log-odds of the Bernoulli distribution that it continues.
  public var logits: Tensor { graph.located { parameter.logits } }
  /// That distribution's probability of a 1; not the mean.
  public var probs: Tensor { graph.located { parameter.success } }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let logits = parameter.logits
    return within(x, outside: (x < 0) .| (x > 1), safe: 0.5, value: -.infinity) { logits * $0 - logRise(logits) }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { exp(logLower($0)) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { tails(.logCDF, x) { logLower($0) } }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { exp(logUpper($0)) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.logSurvival, x) { logUpper($0) } }
  public func quantileFormula(_ p: Tensor) -> Tensor? {
    let (isSmall, logits) = split(parameter.logits, at: 1e-9)
    // log(1 + p (exp(l) - 1)) / l, or from the upper end where the sum is large or nearly 0.
    let rise = p * expm1(minimum(logits, 700))
    let isHigh = (rise > 1) .| (rise < -0.5)
    let high = log(select(logits > 0, p + (1 - p) * exp(-abs(logits)), (1 - p) + p * exp(-abs(logits)))) / logits
    let low = log1p(select(isHigh, rise.zerosLike(), rise)) / logits
    let small = parameter.logits
    return select(
      isSmall, p - 0.5 * small * p * (1 - p), select(isHigh, select(logits > 0, 1 + high, high), low))
  }
  public func meanFormula() -> Tensor? {
    let (isSmall, logits) = split(parameter.logits, at: 0.5)
    let small = select(isSmall, parameter.logits, logits.zerosLike())
    return select(
      isSmall, 0.5 + small * polynomial(small * small, Self.meanSeries), -1 / expm1(-logits) - 1 / logits)
  }
  public func modeFormula() -> Tensor? { (parameter.logits > 0).cast(to: traits.parameterDType) }
  public func varianceFormula() -> Tensor? {
    let (isSmall, logits) = split(parameter.logits, at: 1)
    let small = select(isSmall, parameter.logits, logits.zerosLike())
    // exp(-|l|) / (1 - exp(-|l|))^2.
    let rest = expm1(-abs(logits))
    let large = 1 / (logits * logits) - exp(-abs(logits)) / (rest * rest)
    return select(isSmall, polynomial(small * small, Self.varianceSeries), large)
  }
  public func entropyFormula() -> Tensor? {
    meanFormula().map { logRise(parameter.logits) - parameter.logits * $0 }
  }

  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...1, safe: 0.5, formula)
  }
  /// log P(X <= x) and log P(X > x), each from the other where that is the smaller.
  private func logLower(_ x: Tensor) -> Tensor {
    logShare(logLower(parameter.logits, x), rest: logLower(-parameter.logits, 1 - x))
  }
  private func logUpper(_ x: Tensor) -> Tensor {
    logShare(logLower(-parameter.logits, 1 - x), rest: logLower(parameter.logits, x))
  }
  /// Where |x| is below a limit, and x with a harmless number there.
  private func split(_ x: Tensor, at limit: Double) -> (Tensor, Tensor) {
    let isSmall = abs(x) < limit
    return (isSmall, select(isSmall, x.onesLike(), x))
  }
  /// log((exp(x) - 1) / x): near zero x/2 + log(sinh(x/2) / (x/2)) by its series.
  func logRise(_ x: Tensor) -> Tensor {
    let (isSmall, large) = split(x, at: 1)
    let small = select(isSmall, x, x.zerosLike())
    let square = small * small
    return select(
      isSmall, 0.5 * small + square * polynomial(square, Self.riseSeries),
      maximum(large, 0) + log1mexp(-abs(large)) - log(abs(large)))
  }
  /// log P(X <= x) = log((exp(logits x) - 1) / (exp(logits) - 1)).
  private func logLower(_ logits: Tensor, _ x: Tensor) -> Tensor {
    let (isSmall, large) = split(logits, at: 0.5)
    let small = select(isSmall, logits, logits.zerosLike())
    let size = -abs(large)
    let value = log1mexp(size * x) - log1mexp(size) + maximum(large, 0) * (x - 1)
    return minimum(select(isSmall, log(x) + logRise(small * x) - logRise(small), value), 0)
  }

  /// log(sinh(x/2) / (x/2)) = sum_k B_2k x^2k / (2k (2k)!), and its first and second derivatives.
  private static let riseSeries = series { k, c in c }
  private static let meanSeries = series { k, c in c * Double(2 * k) }
  private static let varianceSeries = series { k, c in c * Double(2 * k) * Double(2 * k - 1) }
  private static func series(_ factor: (Int, Double) -> Double) -> [Double] {
    let bernoulli: [Double] = [
      1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510, 43867.0 / 798,
      -174611.0 / 330,
    ]
    var factorial = 1.0
    return bernoulli.enumerated().map { index, b in
      let k = index + 1
      factorial *= Double((2 * k - 1) * 2 * k)
      return factor(k, b / (Double(2 * k) * factorial))
    }
  }
}

extension ContinuousBernoulli {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { ContinuousBernoulli(logits: $0[0]) },
    DistributionConstructor(1) { ContinuousBernoulli(probs: $0[0]) },
  ]
}
