import ElbowArrays
import ElbowGraph

/// The categorical distribution over one-hot vectors.
///
///     P(x) = prod_i probs_i^x_i,  one x_i is 1 and the others 0
///
/// The parameter is `[..., k]`: the axes before the last are the batch, and an event is a vector of k elements, of dtype
/// int32.
public struct OneHotCategorical: Distribution {
  /// The distribution of the position of the 1.
  let categorical: Categorical
  public let traits: DistributionTraits
  public var support: ValueSupport? { .unitInterval("OneHotCategorical") }

  /// A distribution of each vector of logits: logarithms of the probabilities up to a constant.
  public init(logits: some TensorConvertible, name: String? = nil) {
    self.init(in: logits.tensor.graph, logits: logits.tensor, dtype: logits.tensor.dtype, name: name)
  }
  /// A distribution of each vector of logits, which may be numbers.
  public init(in graph: Graph, logits: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    self.init(Categorical(in: graph, logits: logits, dtype: dtype), name)
  }

  /// A distribution of each vector of probabilities; they are divided by their sum.
  public init(probs: some TensorConvertible, name: String? = nil) {
    self.init(in: probs.tensor.graph, probs: probs.tensor, dtype: probs.tensor.dtype, name: name)
  }
  /// A distribution of each vector of probabilities, which may be numbers.
  public init(in graph: Graph, probs: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    self.init(Categorical(in: graph, probs: probs, dtype: dtype), name)
  }

  private init(_ categorical: Categorical, _ name: String?) {
    self.categorical = categorical
    traits = DistributionTraits(
      typeName: "OneHotCategorical", name: name ?? "OneHotCategorical", graph: categorical.graph,
      parameters: categorical.traits.parameters, batchShape: categorical.batchShape,
      eventShape: categorical.isValid ? [categorical.categoryCount] : .scalar, dtype: .int32,
      parameterDType: categorical.traits.parameterDType, isValid: categorical.isValid)
  }

  /// The probabilities, `[..., k]`.
  public var probs: Tensor { categorical.probs }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    categorical.sampleFormula(shape.dropLast(1)).map(oneHot)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    // Where x is 0 neither the value nor the gradient sees the probability.
    let isSelected = x .!= 0
    let logProbs = categorical.logProbs(
      where: isSelected.broadcast(to: graph.broadcastShape([x.shape, batchShape + eventShape]) ?? x.shape))
    return (x * logProbs).sum(axes: [-1])
  }
  public func meanFormula() -> Tensor? { categorical.probs }
  public func modeFormula() -> Tensor? { categorical.modeFormula().map(oneHot) }
  public func varianceFormula() -> Tensor? { categorical.probs * (1 - categorical.probs) }
  public func covarianceFormula() -> Tensor? {
    let probs = categorical.probs
    return diag(probs) - probs.expandedDims(-1) * probs.expandedDims(-2)
  }
  public func entropyFormula() -> Tensor? { categorical.entropyFormula() }

  private func oneHot(_ position: Tensor) -> Tensor {
    (position.expandedDims(-1) .== graph.iota([categorical.categoryCount], axis: 0)).cast(to: .int32)
  }
}

extension OneHotCategorical {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { OneHotCategorical(logits: $0[0]) },
    DistributionConstructor(1) { OneHotCategorical(probs: $0[0]) },
  ]
}
