import ElbowArrays
import ElbowGraph

/// The negative binomial distribution: how many trials succeed before `totalCount` fail.
///
///     P(x) = gamma(x + totalCount) / (x! gamma(totalCount)) probs^x (1 - probs)^totalCount,  x = 0, 1, 2, ...
///
/// The parameters broadcast to the batch shape; an event is a scalar, a whole number in floating point.
public struct NegativeBinomial: Distribution {
  /// The number of failures, positive; it need not be whole.
  public let totalCount: Tensor
  /// Whichever was given.
  private let parameter: SuccessParameter
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { nil }
  public var support: ValueSupport? { .notNegative("NegativeBinomial") }

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
    var table = ParameterTable("NegativeBinomial", in: graph, dtype: dtype)
    self.totalCount = table.add("totalCount", totalCount, .positive)
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
    var table = ParameterTable("NegativeBinomial", in: graph, dtype: dtype)
    self.totalCount = table.add("totalCount", totalCount, .positive)
    parameter = .probs(table.add("probs", probs, .unitInterval))
    traits = table.traits(name: name)
  }

  /// The probability of success.
  public var probs: Tensor { graph.located { parameter.success } }
  /// The log-odds of success.
  public var logits: Tensor { graph.located { parameter.logits } }

  /// A cumulative function of the number of values of at most x.
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, isBelow: x < 0, isAbove: x .== .infinity, safe: x.scalar(0)) { formula(floor($0) + 1) }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    // A Poisson variate of a gamma variate's rate.
    let rate = graph.randomGamma(shape, concentration: totalCount.broadcast(to: shape)) * parameter.odds
    return graph.randomPoisson(shape, rate: stopGradient(rate))
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: (x < 0) .| (x .== .infinity), safe: 0, value: -.infinity) { x in
      parameter.logSuccess(times: x) + parameter.logFailure(times: totalCount)
        - select(x .== 0, x.zerosLike(), lbeta(x + 1, totalCount) + log(x + totalCount))
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? {
    tails(.cdf, x) { betaShares(totalCount, $0, parameter.failure, parameter.success).lower }
  }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    let (p, q, logP, logQ) = (parameter.success, parameter.failure, parameter.logSuccess, parameter.logFailure)
    return tails(.logCDF, x) { count in
      let (lower, upper) = betaShares(totalCount, count, q, p)
      return logBetainc(lower, complement: upper, totalCount, count, logX: logQ, logY: logP)
    }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.survival, x) { betaShares(totalCount, $0, parameter.failure, parameter.success).upper }
  }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    let (p, q, logP, logQ) = (parameter.success, parameter.failure, parameter.logSuccess, parameter.logFailure)
    return tails(.logSurvival, x) { count in
      let (lower, upper) = betaShares(totalCount, count, q, p)
      return logBetainc(upper, complement: lower, count, totalCount, logX: logP, logY: logQ)
    }
  }
  public func meanFormula() -> Tensor? { totalCount * parameter.odds }
  public func modeFormula() -> Tensor? {
    let hasMode = totalCount > 1
    return select(hasMode, floor((totalCount - 1) * parameter.odds), totalCount.zerosLike())
  }
  public func varianceFormula() -> Tensor? { totalCount * parameter.odds / parameter.failure }
}

extension NegativeBinomial {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { NegativeBinomial(totalCount: $0[0], logits: $0[1]) },
    DistributionConstructor(2) { NegativeBinomial(totalCount: $0[0], probs: $0[1]) },
  ]
}
