import ElbowArrays
import ElbowGraph

/// The multinomial distribution: how often each of k categories occurs in `totalCount` draws.
///
///     P(x) = totalCount! / prod_i x_i! prod_i probs_i^x_i,  sum_i x_i = totalCount
///
/// `logits` or `probs` are `[..., k]`, whose axes before the last are batch axes, as are the count's; an event is a vector
/// of k elements, whole numbers in floating point.
public struct Multinomial: Distribution {
  /// The number of draws, a whole number of at least 0.
  public let totalCount: Tensor
  /// Whichever was given, `[..., k]`.
  private let parameter: SuccessParameter
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { nil }
  public var support: ValueSupport? { .notNegative("Multinomial") }

  /// A distribution of each count and vector of logits.
  public init(totalCount: some TensorConvertible, logits: some TensorLike, name: String? = nil) {
    let count = totalCount.tensor
    self.init(in: count.graph, totalCount: count, logits: logits, dtype: count.dtype, name: name)
  }
  /// A distribution of each count and vector of logits; parameters may be numbers.
  public init(
    in graph: Graph, totalCount: some TensorLike, logits: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("Multinomial", in: graph, dtype: dtype)
    self.totalCount = table.add("totalCount", totalCount, .wholeNumber)
    parameter = .logits(table.add("logits", logits, .logits, eventNDims: 1))
    let eventShape = table.broadcastEventShape()
    traits = table.traits(name: name, eventShape: eventShape)
  }

  /// A distribution of each count and vector of probabilities, whose sum is 1.
  public init(totalCount: some TensorConvertible, probs: some TensorLike, name: String? = nil) {
    let count = totalCount.tensor
    self.init(in: count.graph, totalCount: count, probs: probs, dtype: count.dtype, name: name)
  }
  /// A distribution of each count and vector of probabilities; parameters may be numbers.
  public init(
    in graph: Graph, totalCount: some TensorLike, probs: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("Multinomial", in: graph, dtype: dtype)
    self.totalCount = table.add("totalCount", totalCount, .wholeNumber)
    parameter = .probs(table.add("probs", probs, .simplex, eventNDims: 1))
    let eventShape = table.broadcastEventShape()
    traits = table.traits(name: name, eventShape: eventShape)
  }

  /// The probabilities, `[..., k]`.
  public var probs: Tensor {
    graph.located {
      switch parameter {
      case .logits(let logits): softmax(logits)
      case .probs(let probs): probs
      }
    }
  }
  /// The count, `[..., 1]`.
  private var count: Tensor { totalCount.expandedDims(-1) }

  /// Category by category, each a binomial variate of the draws that are left. Not defined if k is a symbol.
  public func sampleFormula(_ shape: Shape) -> Tensor? {
    guard let size = eventShape[-1].value else { return nil }
    let batch = shape.dropLast(1)
    let probs = probs
    var (left, share) = (totalCount.broadcast(to: batch), graph.ones([], dtype: traits.parameterDType))
    var counts: [Tensor] = []
    for category in 0..<size {
      let p = probs[TensorIndex.ellipsis, category]
      let isLast = category == size - 1
      let chosen =
        isLast
        ? left : graph.randomBinomial(batch, count: left, probability: minimum(maximum(p / share, 0), 1))
      counts.append(chosen)
      (left, share) = (left - chosen, share - p)
    }
    return stack(counts, axis: -1)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    // Where x is 0 neither the value nor the gradient sees the probability.
    let isUsed = x .!= 0
    let scores: Tensor
    switch parameter {
    case .logits(let logits):
      let logProbs = logSoftmax(logits)
      scores = x * select(isUsed, logProbs, logProbs.scalar(0))
    case .probs(let probs): scores = xlogy(x, probs)
    }
    return lgamma(totalCount + 1) + (scores - lgamma(x + 1)).sum(axes: [-1])
  }
  public func meanFormula() -> Tensor? { count * probs }
  public func varianceFormula() -> Tensor? { count * probs * (1 - probs) }
  public func covarianceFormula() -> Tensor? {
    count.expandedDims(-1) * (diag(probs) - probs.expandedDims(-1) * probs.expandedDims(-2))
  }
}

extension Multinomial {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Multinomial(totalCount: $0[0], logits: $0[1]) },
    DistributionConstructor(2) { Multinomial(totalCount: $0[0], probs: $0[1]) },
  ]
}
