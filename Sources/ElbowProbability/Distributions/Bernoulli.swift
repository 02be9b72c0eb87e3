import ElbowArrays
import ElbowGraph

/// The Bernoulli distribution: 1 with probability `probs`, else 0.
///
///     p(x) = probs^x (1 - probs)^(1 - x),  probs = 1 / (1 + exp(-logits))
///
/// The parameter is the batch; an event is a scalar, of dtype int32. `logProb` also takes values between 0 and 1, such
/// as grey pixels: it is then minus the cross-entropy.
public struct Bernoulli: Distribution {
  /// The distribution's parameter, whichever was given.
  enum Form {
    case logits(Tensor)
    case probs(Tensor)
  }

  let form: Form
  public let traits: DistributionTraits
  public var support: ValueSupport? { .unitInterval("Bernoulli") }

  /// A distribution of each log-odds `log(p / (1 - p))`.
  public init(logits: some TensorConvertible, name: String? = nil) {
    self.init(in: logits.tensor.graph, logits: logits.tensor, dtype: logits.tensor.dtype, name: name)
  }
  /// A distribution of each log-odds, which may be numbers.
  public init(in graph: Graph, logits: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Bernoulli", in: graph, dtype: dtype)
    form = .logits(table.add("logits", logits))
    traits = table.traits(name: name, dtype: .int32)
  }

  /// A distribution of each probability of a 1. Logits are the better parameter wherever there is a choice.
  public init(probs: some TensorConvertible, name: String? = nil) {
    self.init(in: probs.tensor.graph, probs: probs.tensor, dtype: probs.tensor.dtype, name: name)
  }
  /// A distribution of each probability of a 1, which may be numbers.
  public init(in graph: Graph, probs: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Bernoulli", in: graph, dtype: dtype)
    form = .probs(table.add("probs", probs, .unitInterval))
    traits = table.traits(name: name, dtype: .int32)
  }

  /// The probability of a 1.
  public var probs: Tensor { graph.located { probabilities.success } }
  /// The log-odds of a 1.
  public var logits: Tensor {
    graph.located {
      switch form {
      case .logits(let logits): logits
      case .probs(let probs): log(probs) - log1p(-probs)
      }
    }
  }

  /// The probabilities of 1 and 0, each without cancellation.
  var probabilities: (success: Tensor, failure: Tensor) {
    switch form {
    case .logits(let logits): (sigmoid(logits), sigmoid(-logits))
    case .probs(let probs): (probs, 1 - probs)
    }
  }

  /// The logarithms of the probabilities of 1 and 0, each without cancellation. Where a mask is false the value does
  /// not matter, and no gradient flows.
  func logProbabilities(
    whereSuccess isPossible: Tensor? = nil, whereFailure isFallible: Tensor? = nil
  ) -> (success: Tensor, failure: Tensor) {
    switch form {
    case .logits(let logits):
      let rest = log1p(exp(-abs(logits)))
      return (minimum(logits, 0) - rest, -maximum(logits, 0) - rest)
    case .probs(let probs):
      let (zero, one) = (probs.scalar(0), probs.scalar(1))
      return (
        log(isPossible.map { select($0, probs, one) } ?? probs),
        log1p(-(isFallible.map { select($0, probs, zero) } ?? probs))
      )
    }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    (graph.randomUniform(shape, dtype: traits.parameterDType) < probabilities.success).cast(to: .int32)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    switch form {
    case .logits(let logits):
      // |logits| times 1 - x or x, whichever the sign leaves: for x of 0 and 1 all but the smallest term vanish, here and in
      // the gradient.
      -(multiplyNoNaN(select(logits >= 0, 1 - x, -x), logits) + log1p(exp(negativeMagnitude(logits))))
    case .probs(let probs): xlogy(x, probs) + xlog1py(1 - x, -probs)
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { step(x, 0, probabilities.failure, 1) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { step(x, -.infinity, logProbabilities().failure, 0) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { step(x, 1, probabilities.success, 0) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { step(x, 0, logProbabilities().success, -.infinity) }
  public func meanFormula() -> Tensor? { probabilities.success }
  public func modeFormula() -> Tensor? {
    switch form {
    case .logits(let logits): (logits > 0).cast(to: .int32)
    case .probs(let probs): (probs > 0.5).cast(to: .int32)
    }
  }
  public func varianceFormula() -> Tensor? { probabilities.success * probabilities.failure }
  public func entropyFormula() -> Tensor? {
    let (p, q) = probabilities
    switch form {
    case .logits: return -(multiplyNoNaN(p, logProbabilities().success) + multiplyNoNaN(q, logProbabilities().failure))
    case .probs: return -(xlogy(p, p) + xlog1py(q, -p))
    }
  }

  /// A function that is constant below 0, between 0 and 1, and from 1 on.
  private func step(_ x: Tensor, _ below: Double, _ between: Tensor, _ above: Double) -> Tensor {
    select(x < 0, x.scalar(below), select(x < 1, between, x.scalar(above)))
  }
}

extension Bernoulli {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { Bernoulli(logits: $0[0]) },
    DistributionConstructor(1) { Bernoulli(probs: $0[0]) },
  ]
}
