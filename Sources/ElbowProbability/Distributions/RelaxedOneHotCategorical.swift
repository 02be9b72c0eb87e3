import ElbowArrays
import ElbowGraph

/// The relaxed one-hot categorical distribution on the simplex (Maddison, Mnih, Teh 2017, "The concrete distribution"; Jang,
/// Gu, Poole 2017): Gumbel noise through a softmax; the lower the temperature t, the nearer to a one-hot vector.
///
///     p(x) = gamma(k) t^(k-1) (sum_i probs_i / x_i^t)^-k prod_i probs_i / x_i^(t+1)
///
/// `logits` or `probs` are `[..., k]`, whose axes before the last are batch axes, as are the temperature's; an event is a
/// vector of k elements. Samples are differentiable.
public struct RelaxedOneHotCategorical: Distribution {
  /// The temperature, positive.
  public let temperature: Tensor
  /// Whichever was given.
  private let parameter: SuccessParameter
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { Bijectors.IteratedSigmoidCentered() }
  public var support: ValueSupport? { .unitInterval("RelaxedOneHotCategorical") }

  /// A distribution of each temperature and vector of logits.
  public init(temperature: some TensorConvertible, logits: some TensorLike, name: String? = nil) {
    self.init(
      in: temperature.tensor.graph, temperature: temperature.tensor, logits: logits, dtype: temperature.tensor.dtype,
      name: name)
  }
  /// A distribution of each temperature and vector of logits; parameters may be numbers.
  public init(
    in graph: Graph, temperature: some TensorLike, logits: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("RelaxedOneHotCategorical", in: graph, dtype: dtype)
    self.temperature = table.add("temperature", temperature, .positive)
    parameter = .logits(table.add("logits", logits, .logits, eventNDims: 1))
    let eventShape = table.broadcastEventShape()
    traits = table.traits(name: name, eventShape: eventShape)
  }

  /// A distribution of each temperature and vector of probabilities.
  public init(temperature: some TensorConvertible, probs: some TensorLike, name: String? = nil) {
    self.init(
      in: temperature.tensor.graph, temperature: temperature.tensor, probs: probs, dtype: temperature.tensor.dtype,
      name: name)
  }
  /// A distribution of each temperature and vector of probabilities; parameters may be numbers.
  public init(
    in graph: Graph, temperature: some TensorLike, probs: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("RelaxedOneHotCategorical", in: graph, dtype: dtype)
    self.temperature = table.add("temperature", temperature, .positive)
    parameter = .probs(table.add("probs", probs, .simplex, eventNDims: 1))
    let eventShape = table.broadcastEventShape()
    traits = table.traits(name: name, eventShape: eventShape)
  }

  /// The logarithms of the probabilities, up to a constant.
  public var logits: Tensor {
    graph.located {
      switch parameter {
      case .logits(let logits): logits
      case .probs(let probs): log(probs)
      }
    }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    // 1 - u lies in (0, 1]: a Gumbel variate is -log(-log(1 - u)).
    let gumbel = -log(-log1p(-uniform(shape)))
    return softmax((logits + gumbel) / temperature.expandedDims(-1))
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let (t, logX) = (temperature.expandedDims(-1), log(x))
    let count = graph.extent(eventShape[-1], dtype: traits.parameterDType)
    let score = logits - t * logX
    let total = (score - logX).sum(axes: [-1]) - count * logSumExp(score, axes: [-1])
    return total + (count - 1) * log(temperature) + lgamma(count)
  }
}

extension RelaxedOneHotCategorical {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { RelaxedOneHotCategorical(temperature: $0[0], logits: $0[1]) },
    DistributionConstructor(2) { RelaxedOneHotCategorical(temperature: $0[0], probs: $0[1]) },
  ]
}
