import ElbowArrays
import ElbowGraph

/// The binomial distribution: how many of `totalCount` trials succeed.
///
///     P(x) = totalCount! / (x! (totalCount - x)!) probs^x (1 - probs)^(totalCount - x),  x = 0, ..., totalCount
///
/// The parameters broadcast to the batch shape; an event is a scalar, a whole number in floating point.
public struct Binomial: Distribution {
  /// The number of trials, a whole number of at least 0.
  public let totalCount: Tensor
  /// Whichever was given.
  private let parameter: SuccessParameter
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { nil }
  public var support: ValueSupport? { .notNegative("Binomial") }

  /// A distribution of each log-odds.
  public init(totalCount: some TensorConvertible, logits: some TensorLike, name: String? = nil) {
    self.init(
      in: totalCount.tensor.graph, totalCount: totalCount.tensor, logits: logits, dtype: totalCount.tensor.dtype,
      name: name)
  }
  /// A distribution of each log-odds; parameters may be numbers.
  public init(
    in graph: Graph, totalCount: some TensorLike, logits: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("Binomial", in: graph, dtype: dtype)
    self.totalCount = table.add("totalCount", totalCount, .wholeNumber)
    parameter = .logits(table.add("logits", logits))
    traits = table.traits(name: name)
  }

  /// A distribution of each probability.
  public init(totalCount: some TensorConvertible, probs: some TensorLike, name: String? = nil) {
    self.init(
      in: totalCount.tensor.graph, totalCount: totalCount.tensor, probs: probs, dtype: totalCount.tensor.dtype,
      name: name)
  }
  /// A distribution of each probability; parameters may be numbers.
  public init(
    in graph: Graph, totalCount: some TensorLike, probs: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("Binomial", in: graph, dtype: dtype)
    self.totalCount = table.add("totalCount", totalCount, .wholeNumber)
    parameter = .probs(table.add("probs", probs, .unitInterval))
    traits = table.traits(name: name)
  }

  /// The probability of success.
  public var probs: Tensor { graph.located { parameter.success } }
  /// The log-odds of success.
  public var logits: Tensor { graph.located { parameter.logits } }

  /// P(X <= x) and P(X > x), and their logarithms.
  private func shares(_ x: Tensor) -> (lower: Tensor, upper: Tensor, logLower: Tensor, logUpper: Tensor) {
    let k = minimum(maximum(floor(x), 0), totalCount)
    // From the last value on all is below.
    let isLast = k >= totalCount
    let (count, rest) = (k + 1, select(isLast, k.scalar(1), totalCount - k))
    let (p, q, logP, logQ) = (parameter.success, parameter.failure, parameter.logSuccess, parameter.logFailure)
    let (lower, upper) = betaShares(rest, count, q, p)
    func steps(_ below: Double, _ between: Tensor, _ last: Double) -> Tensor {
      select(x < 0, x.scalar(below), select(isLast, x.scalar(last), between))
    }
    return (
      steps(0, lower, 1), steps(1, upper, 0),
      steps(-.infinity, logBetainc(lower, complement: upper, rest, count, logX: logQ, logY: logP), 0),
      steps(0, logBetainc(upper, complement: lower, count, rest, logX: logP, logY: logQ), -.infinity)
    )
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    graph.randomBinomial(shape, count: totalCount, probability: parameter.success)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let isOutside = (x < 0) .| (x > totalCount)
    let k = select(isOutside, x.zerosLike(), x)
    let rest = totalCount - k
    let value =
      parameter.logSuccess(times: k) + parameter.logFailure(times: rest) - lbeta(k + 1, rest + 1)
      - log1p(totalCount)
    return select(isOutside, x.scalar(-.infinity), value)
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { shares(x).lower }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { shares(x).logLower }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { shares(x).upper }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { shares(x).logUpper }
  public func meanFormula() -> Tensor? { totalCount * parameter.success }
  public func modeFormula() -> Tensor? { minimum(floor((totalCount + 1) * parameter.success), totalCount) }
  public func varianceFormula() -> Tensor? { totalCount * parameter.success * parameter.failure }
}

extension Binomial {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Binomial(totalCount: $0[0], logits: $0[1]) },
    DistributionConstructor(2) { Binomial(totalCount: $0[0], probs: $0[1]) },
  ]
}
