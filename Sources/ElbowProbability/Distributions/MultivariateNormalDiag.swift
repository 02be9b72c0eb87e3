import ElbowArrays
import ElbowGraph

/// The multivariate normal distribution with a diagonal covariance.
///
///     p(x) = prod_i exp(-((x_i - loc_i) / scaleDiag_i)^2 / 2) / (scaleDiag_i sqrt(2 pi))
///
/// `loc` and `scaleDiag` are `[..., k]`, and broadcast: an event is a vector of k elements, and the axes before are the
/// batch.
public struct MultivariateNormalDiag: Distribution {
  /// The mean.
  public let loc: Tensor
  /// The standard deviations, positive: the diagonal of the scale matrix.
  public let scaleDiag: Tensor
  public let traits: DistributionTraits

  /// A distribution of each vector of `loc` and of `scaleDiag`.
  public init(loc: some TensorConvertible, scaleDiag: some TensorLike = [1.0], name: String? = nil) {
    self.init(in: loc.tensor.graph, loc: loc.tensor, scaleDiag: scaleDiag, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `MultivariateNormalDiag(in: graph, loc: [0, 0])`.
  public init(
    in graph: Graph, loc: some TensorLike, scaleDiag: some TensorLike = [1.0], dtype: DType? = nil,
    name: String? = nil
  ) {
    var table = ParameterTable("MultivariateNormalDiag", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc, eventNDims: 1)
    self.scaleDiag = table.add("scaleDiag", scaleDiag, .positive, eventNDims: 1)
    let eventShape = table.broadcastEventShape()
    traits = table.traits(name: name, eventShape: eventShape)
  }

  /// A distribution with one standard deviation for all elements of a vector; the multiplier's axes are batch axes.
  public init(loc: some TensorConvertible, scaleIdentityMultiplier: some TensorLike, name: String? = nil) {
    self.init(
      in: loc.tensor.graph, loc: loc.tensor, scaleIdentityMultiplier: scaleIdentityMultiplier,
      dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution with one standard deviation for all elements of a vector, whose parameters may be numbers.
  public init(
    in graph: Graph, loc: some TensorLike, scaleIdentityMultiplier: some TensorLike, dtype: DType? = nil,
    name: String? = nil
  ) {
    var table = ParameterTable("MultivariateNormalDiag", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc, eventNDims: 1)
    let multiplier = table.add("scaleIdentityMultiplier", scaleIdentityMultiplier, .positive)
    let eventShape = table.broadcastEventShape()
    scaleDiag = multiplier.expandedDims(-1)
    traits = table.traits(name: name, eventShape: eventShape)
  }

  private func standardized(_ x: Tensor) -> Tensor { (x - loc) / scaleDiag }

  /// The sum over the event of the logarithms of the scales, even where `scaleDiag` is one number for all.
  private var logDeterminant: Tensor {
    log(scaleDiag.broadcast(to: scaleDiag.shape.dropLast(1) + eventShape)).sum(axes: [-1])
  }

  /// The number of elements of an event.
  private var size: Tensor { graph.extent(eventShape[-1], dtype: traits.parameterDType) }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    loc + scaleDiag * graph.randomNormal(shape, dtype: traits.parameterDType)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let z = standardized(x)
    return -0.5 * (z * z).sum(axes: [-1]) - (logDeterminant + (0.5 * Double.log2Pi) * size)
  }
  public func meanFormula() -> Tensor? { loc }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { scaleDiag * scaleDiag }
  public func stddevFormula() -> Tensor? { scaleDiag }
  public func covarianceFormula() -> Tensor? {
    let square = eventShape + eventShape
    let isDiagonal = graph.iota(square, axis: 0) .== graph.iota(square, axis: 1)
    let variance = variance().expandedDims(-1)
    return select(isDiagonal, variance, variance.zerosLike())
  }
  public func entropyFormula() -> Tensor? { logDeterminant + (0.5 * (1 + Double.log2Pi)) * size }
}

extension MultivariateNormalDiag {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { MultivariateNormalDiag(loc: $0[0], scaleDiag: $0[1]) }
  ]
}
