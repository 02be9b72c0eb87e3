import ElbowArrays
import ElbowGraph

/// The Dirichlet distribution over vectors of k probabilities.
///
///     p(x) = prod_i x_i^(c_i - 1) gamma(sum_i c_i) / prod_i gamma(c_i),  c = concentration, sum_i x_i = 1
///
/// `concentration` is `[..., k]`: the axes before the last are the batch, and an event is a vector of k elements. Gradients
/// flow through samples by implicit reparameterisation. The mode is NaN where there is none inside.
public struct Dirichlet: Distribution {
  /// c, positive.
  public let concentration: Tensor
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { Bijectors.IteratedSigmoidCentered() }
  public var support: ValueSupport? { .unitInterval("Dirichlet") }

  /// A distribution of each vector of concentrations.
  public init(concentration: some TensorConvertible, name: String? = nil) {
    self.init(
      in: concentration.tensor.graph, concentration: concentration.tensor, dtype: concentration.tensor.dtype, name: name
    )
  }

  /// A distribution whose parameter may be numbers: `Dirichlet(in: graph, concentration: [1, 1, 1])`.
  public init(in graph: Graph, concentration: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Dirichlet", in: graph, dtype: dtype)
    self.concentration = table.add("concentration", concentration, .positive, eventNDims: 1)
    let eventShape = table.broadcastEventShape()
    traits = table.traits(name: name, eventShape: eventShape)
  }

  /// The sum of the concentrations, `[..., 1]`.
  private var total: Tensor { concentration.sum(axes: [-1], keepDims: true) }
  private var count: Tensor { graph.extent(eventShape[-1], dtype: traits.parameterDType) }
  var logNormalizer: Tensor { lgamma(concentration).sum(axes: [-1]) - lgamma(concentration.sum(axes: [-1])) }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    let gammas = graph.randomGamma(shape, concentration: concentration)
    return gammas / gammas.sum(axes: [-1], keepDims: true)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    weightedLog(concentration - 1, x).sum(axes: [-1]) - logNormalizer
  }
  public func meanFormula() -> Tensor? { concentration / total }
  public func modeFormula() -> Tensor? {
    let hasMode = concentration.min(axes: [-1], keepDims: true) > 1
    return select(hasMode, (concentration - 1) / (total - count), total.scalar(.nan))
  }
  public func varianceFormula() -> Tensor? {
    let mean = concentration / total
    return mean * (1 - mean) / (total + 1)
  }
  public func covarianceFormula() -> Tensor? {
    let mean = concentration / total
    return (diag(mean) - mean.expandedDims(-1) * mean.expandedDims(-2)) / (total.expandedDims(-1) + 1)
  }
  public func entropyFormula() -> Tensor? {
    let sum = concentration.sum(axes: [-1])
    return logNormalizer + (sum - count) * digamma(sum)
      - ((concentration - 1) * digamma(concentration)).sum(axes: [-1])
  }
}

extension Dirichlet {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { Dirichlet(concentration: $0[0]) }
  ]
}
