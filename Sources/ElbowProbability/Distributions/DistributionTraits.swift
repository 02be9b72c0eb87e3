import ElbowArrays
import ElbowGraph

/// The traits that every distribution is known by, and the one sample that it stands for as a tensor.
///
/// Conforming types make it from a ``ParameterTable``; distributions made of others, such as ``Independent``, directly.
public final class DistributionTraits {
  /// `Normal`.
  public let typeName: String
  /// The name given; the type's if none was.
  public let name: String
  public let graph: Graph
  public let parameters: [DistributionParameter]
  public let batchShape: Shape
  public let eventShape: Shape
  /// The samples' dtype.
  public let dtype: DType
  /// The dtype of the parameters, and so of probabilities and moments.
  public let parameterDType: DType
  /// False if a mistake kept the distribution from being made; all that comes of it is silently invalid.
  public let isValid: Bool
  /// Pairs of parameters of which the first has to be below the second.
  let ordered: [(low: DistributionParameter, high: DistributionParameter)]
  /// Whether values are checked in each run, too.
  var validatesValues = false
  private var sample: Tensor?

  public convenience init(
    typeName: String, name: String, graph: Graph, parameters: [DistributionParameter] = [], batchShape: Shape,
    eventShape: Shape,
    dtype: DType, parameterDType: DType, isValid: Bool = true
  ) {
    self.init(
      typeName, name, graph, parameters, [], batchShape, eventShape, dtype, parameterDType, isValid)
  }

  init(
    _ typeName: String, _ name: String, _ graph: Graph, _ parameters: [DistributionParameter],
    _ ordered: [(low: DistributionParameter, high: DistributionParameter)], _ batchShape: Shape, _ eventShape: Shape,
    _ dtype: DType, _ parameterDType: DType, _ isValid: Bool
  ) {
    self.typeName = typeName
    self.name = name
    self.graph = graph
    self.parameters = parameters
    self.batchShape = batchShape
    self.eventShape = eventShape
    self.dtype = dtype
    self.parameterDType = parameterDType
    self.isValid = isValid
    self.ordered = ordered
  }

  /// Has the distribution stand for another tensor than a sample of itself, such as its mean.
  package func stand(for tensor: Tensor) { sample = tensor }

  /// The sample that the distribution stands for; `draw` makes it the first time.
  func sampleOnce(_ draw: () -> Tensor) -> Tensor {
    if let sample { return sample }
    let drawn = draw()
    sample = drawn
    return drawn
  }
}
