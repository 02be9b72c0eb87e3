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
  /// The graph of the parameters.
  public let graph: Graph
  /// The parameters, in the order in which they were declared; those of the distributions that it is made of are not
  /// among them.
  public let parameters: [DistributionParameter]
  /// The shape of the batch of distributions.
  public let batchShape: Shape
  /// The shape of one draw of one distribution.
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

  /// The traits of a distribution that is made of others; one that has parameters of its own takes them from
  /// `ParameterTable.traits(name:eventShape:dtype:)`. Nothing is checked here.
  ///
  /// - Parameters:
  ///   - typeName: The type's name, for messages and the printed form.
  ///   - name: The distribution's name.
  ///   - graph: The graph of all that it is made of.
  ///   - parameters: Parameters that it has besides, already checked.
  ///   - batchShape: The shape of the batch of distributions.
  ///   - eventShape: The shape of one draw of one distribution.
  ///   - dtype: The samples' dtype.
  ///   - parameterDType: The dtype of probabilities and moments.
  ///   - isValid: Whether no mistake kept it from being made; one is to be recorded in the graph before.
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
