import ElbowArrays
import ElbowGraph

/// The relaxed Bernoulli distribution on (0, 1) (Maddison, Mnih, Teh 2017, "The concrete distribution"): a logistic variate
/// through a sigmoid; the lower the temperature, the nearer to 0 or 1.
///
///     X = 1 / (1 + exp(-(logits + L) / temperature)),  L logistic
///
/// The parameters broadcast to the batch shape; an event is a scalar. Samples are differentiable.
public struct RelaxedBernoulli: Distribution {
  /// The temperature, positive.
  public let temperature: Tensor
  /// Whichever was given.
  private let parameter: SuccessParameter
  public let traits: DistributionTraits
  public var support: ValueSupport? { .unitInterval("RelaxedBernoulli") }

  /// A distribution of each log-odds.
  public init(temperature: some TensorConvertible, logits: some TensorLike, name: String? = nil) {
    self.init(
      in: temperature.tensor.graph, temperature: temperature.tensor, logits: logits, dtype: temperature.tensor.dtype,
      name: name)
  }
  /// A distribution of each log-odds; parameters may be numbers.
  public init(
    in graph: Graph, temperature: some TensorLike, logits: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("RelaxedBernoulli", in: graph, dtype: dtype)
    self.temperature = table.add("temperature", temperature, .positive)
    parameter = .logits(table.add("logits", logits))
    traits = table.traits(name: name)
  }

  /// A distribution of each probability.
  public init(temperature: some TensorConvertible, probs: some TensorLike, name: String? = nil) {
    self.init(
      in: temperature.tensor.graph, temperature: temperature.tensor, probs: probs, dtype: temperature.tensor.dtype,
      name: name)
  }
  /// A distribution of each probability; parameters may be numbers.
  public init(
    in graph: Graph, temperature: some TensorLike, probs: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("RelaxedBernoulli", in: graph, dtype: dtype)
    self.temperature = table.add("temperature", temperature, .positive)
    parameter = .probs(table.add("probs", probs, .unitInterval))
    traits = table.traits(name: name)
  }

  /// The probability of success.
  public var probs: Tensor { graph.located { parameter.success } }
  /// The log-odds of success.
  public var logits: Tensor { graph.located { parameter.logits } }

  /// The logistic variate that x comes from.
  private func standardized(_ x: Tensor) -> Tensor { temperature * (log(x) - log1p(-x)) - parameter.logits }

  /// A cumulative function of that.
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...1, safe: 0.5) { formula(standardized($0)) }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    let u = uniform(shape)
    return sigmoid((parameter.logits + (log(u) - log1p(-u))) / temperature)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: (x < 0) .| (x > 1), safe: 0.5, value: -.infinity) { x in
      standardLogisticLogProb(standardized(x)) + log(temperature) - log(x) - log1p(-x)
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { sigmoid($0) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { tails(.logCDF, x) { logSigmoid($0) } }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { sigmoid(-$0) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.logSurvival, x) { logSigmoid(-$0) } }
}

extension RelaxedBernoulli {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { RelaxedBernoulli(temperature: $0[0], logits: $0[1]) },
    DistributionConstructor(2) { RelaxedBernoulli(temperature: $0[0], probs: $0[1]) },
  ]
}
