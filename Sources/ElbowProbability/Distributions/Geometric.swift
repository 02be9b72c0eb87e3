import ElbowArrays
import ElbowGraph

/// The geometric distribution: how many trials fail before the first that succeeds.
///
///     P(x) = probs (1 - probs)^x,  x = 0, 1, 2, ...
///
/// The parameter is the batch; an event is a scalar, a whole number in floating point.
public struct Geometric: Distribution {
  /// Whichever was given.
  let parameter: SuccessParameter
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { nil }
  public var support: ValueSupport? { .notNegative("Geometric") }

  /// A distribution of each log-odds.
  public init(logits: some TensorConvertible, name: String? = nil) {
    self.init(in: logits.tensor.graph, logits: logits.tensor, dtype: logits.tensor.dtype, name: name)
  }
  /// A distribution of each log-odds; parameters may be numbers.
  public init(in graph: Graph, logits: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Geometric", in: graph, dtype: dtype)
    parameter = .logits(table.add("logits", logits))
    traits = table.traits(name: name)
  }

  /// A distribution of each probability.
  public init(probs: some TensorConvertible, name: String? = nil) {
    self.init(in: probs.tensor.graph, probs: probs.tensor, dtype: probs.tensor.dtype, name: name)
  }
  /// A distribution of each probability; parameters may be numbers.
  public init(in graph: Graph, probs: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Geometric", in: graph, dtype: dtype)
    parameter = .probs(table.add("probs", probs, .unitInterval))
    traits = table.traits(name: name)
  }

  /// The probability of success.
  public var probs: Tensor { graph.located { parameter.success } }
  /// The log-odds of success.
  public var logits: Tensor { graph.located { parameter.logits } }

  /// A cumulative function of the number n of values of at most x, by log P(X > x) = n log(1 - probs).
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, isBelow: x < 0, isAbove: x .== .infinity, safe: x.scalar(0)) { formula(floor($0) + 1) }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { floor(log1p(-uniform(shape)) / parameter.logFailure) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: x < 0, safe: 0, value: -.infinity) { parameter.logFailure(times: $0) + parameter.logSuccess }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { -expm1(parameter.logFailure(times: $0)) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    // n probs is all there is where it is tiny.
    tails(.logCDF, x) { log1mexp(parameter.logFailure(times: $0), logOfMinus: log($0) + parameter.logSuccess) }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.survival, x) { exp(parameter.logFailure(times: $0)) }
  }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.logSurvival, x) { parameter.logFailure(times: $0) }
  }
  public func meanFormula() -> Tensor? { 1 / parameter.odds }
  public func modeFormula() -> Tensor? { parameter.success.zerosLike() }
  public func varianceFormula() -> Tensor? { 1 / (parameter.odds * parameter.success) }
  public func entropyFormula() -> Tensor? {
    let failures = 1 / parameter.odds
    return -(parameter.logSuccess + multiplyNoNaN(failures, parameter.logFailure))
  }
}

extension Geometric {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { Geometric(logits: $0[0]) },
    DistributionConstructor(1) { Geometric(probs: $0[0]) },
  ]
}
