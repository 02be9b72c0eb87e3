import ElbowArrays
import ElbowGraph

/// The multivariate normal distribution whose covariance is a diagonal and a matrix of low rank.
///
///     p(x) = exp(-(x - loc)^T C^-1 (x - loc) / 2) / sqrt(det(C) (2 pi)^k),  C = diag(d) + U U^T
///
/// `loc` and d = `covDiagFactor` are `[..., k]`, and U = `covPerturbFactor` is `[..., k, r]`; an event is a vector of k
/// elements, and the axes before broadcast to the batch. Time is linear in k: only r by r matrices are factored, by Woodbury's
/// identity C^-1 = D^-1 - D^-1 U (1 + U^T D^-1 U)^-1 U^T D^-1.
public struct MultivariateNormalDiagPlusLowRankCovariance: Distribution {
  /// The mean.
  public let loc: Tensor
  /// d, positive: variances.
  public let covDiagFactor: Tensor
  /// U.
  public let covPerturbFactor: Tensor
  public let traits: DistributionTraits

  /// A distribution of each `loc`, `covDiagFactor` and `covPerturbFactor`.
  public init(
    loc: some TensorConvertible, covDiagFactor: some TensorLike, covPerturbFactor: some TensorLike,
    name: String? = nil
  ) {
    self.init(
      in: loc.tensor.graph, loc: loc.tensor, covDiagFactor: covDiagFactor, covPerturbFactor: covPerturbFactor,
      dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `MultivariateNormalDiagPlusLowRankCovariance(in: graph, loc: [0, 0],
  /// covDiagFactor: [1, 1], covPerturbFactor: [[1], [2]])`.
  public init(
    in graph: Graph, loc: some TensorLike, covDiagFactor: some TensorLike, covPerturbFactor: some TensorLike,
    dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("MultivariateNormalDiagPlusLowRankCovariance", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc, eventNDims: 1)
    self.covDiagFactor = table.add("covDiagFactor", covDiagFactor, .positive, eventNDims: 1)
    let eventShape = table.vectorEventShape()
    let factor = table.add("covPerturbFactor", covPerturbFactor, eventNDims: 2)
    if table.isValid, !factor.shape[-2].canEqual(eventShape[-1]) {
      _ = table.fail(
        .shape,
        "the parameter 'covPerturbFactor' has the shape \(factor.shape), but for events of \(eventShape[-1]) elements it "
          + "needs as many rows")
    }
    self.covPerturbFactor = factor
    traits = table.traits(name: name, eventShape: eventShape)
  }

  /// D^-1 U.
  private var scaledFactor: Tensor { covPerturbFactor / covDiagFactor.expandedDims(-1) }
  /// The Cholesky factor of 1 + U^T D^-1 U.
  private var capacitance: Tensor {
    let product = matmul(scaledFactor, covPerturbFactor, transposeA: true)
    return cholesky(product + diag(diagPart(product).onesLike()))
  }
  /// log det C, from that of the small factor.
  private func logDeterminant(_ capacitance: Tensor) -> Tensor {
    let diagonal = covDiagFactor.broadcast(to: covDiagFactor.shape.dropLast(1) + eventShape)
    return log(diagonal).sum(axes: [-1]) + ElbowGraph.logDeterminant(choleskyFactor: capacitance)
  }
  private var size: Tensor { graph.extent(eventShape[-1], dtype: traits.parameterDType) }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    let dtype = traits.parameterDType
    let noise = graph.randomNormal(shape, dtype: dtype)
    let perturbation = graph.randomNormal(shape.dropLast(1) + [covPerturbFactor.shape[-1]], dtype: dtype)
    return loc + sqrt(covDiagFactor) * noise + (covPerturbFactor * perturbation.expandedDims(-2)).sum(axes: [-1])
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let (distance, capacitance) = (x - loc, capacitance)
    let projected = solved(capacitance, (scaledFactor * distance.expandedDims(-1)).sum(axes: [-2]))
    guard projected.isValid else { return projected }
    let square = (distance * distance / covDiagFactor).sum(axes: [-1]) - (projected * projected).sum(axes: [-1])
    return -0.5 * (square + logDeterminant(capacitance) + Double.log2Pi * size)
  }
  public func meanFormula() -> Tensor? { loc }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? {
    covDiagFactor + (covPerturbFactor * covPerturbFactor).sum(axes: [-1])
  }
  public func covarianceFormula() -> Tensor? {
    let diagonal = covDiagFactor.broadcast(to: covDiagFactor.shape.dropLast(1) + eventShape)
    return diag(diagonal) + matmul(covPerturbFactor, covPerturbFactor, transposeB: true)
  }
  public func entropyFormula() -> Tensor? {
    0.5 * (logDeterminant(capacitance) + (1 + Double.log2Pi) * size)
  }
}

extension MultivariateNormalDiagPlusLowRankCovariance {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(3) {
      MultivariateNormalDiagPlusLowRankCovariance(loc: $0[0], covDiagFactor: $0[1], covPerturbFactor: $0[2])
    }
  ]
}
