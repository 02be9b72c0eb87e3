import ElbowArrays
import ElbowGraph

/// The multivariate normal distribution given by its covariance.
///
///     p(x) = exp(-(x - loc)^T C^-1 (x - loc) / 2) / sqrt(det(C) (2 pi)^k),  C = covarianceMatrix
///
/// `loc` is `[..., k]` and `covarianceMatrix` `[..., k, k]`, symmetric and positive definite; only its lower triangle is read.
/// An event is a vector of k elements, and the axes before broadcast to the batch. Its Cholesky factor makes it a
/// ``MultivariateNormalTriL``, which saves factoring where the factor is known.
public struct MultivariateNormalFullCovariance: Distribution {
  /// The mean.
  public let loc: Tensor
  /// C.
  public let covarianceMatrix: Tensor
  /// The same distribution by its Cholesky factor.
  let factored: MultivariateNormalTriL
  public let traits: DistributionTraits

  /// A distribution of each vector of `loc` and matrix of `covarianceMatrix`.
  public init(loc: some TensorConvertible, covarianceMatrix: some TensorLike, name: String? = nil) {
    self.init(
      in: loc.tensor.graph, loc: loc.tensor, covarianceMatrix: covarianceMatrix, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers:
  /// `MultivariateNormalFullCovariance(in: graph, loc: [0, 0], covarianceMatrix: [[1, 0.5], [0.5, 1]])`.
  public init(
    in graph: Graph, loc: some TensorLike, covarianceMatrix: some TensorLike, dtype: DType? = nil,
    name: String? = nil
  ) {
    var table = ParameterTable("MultivariateNormalFullCovariance", in: graph, dtype: dtype)
    let loc = table.add("loc", loc, eventNDims: 1)
    let matrix = table.addMatrix("covarianceMatrix", covarianceMatrix, .positiveDefinite)
    let eventShape = table.vectorEventShape()
    traits = table.traits(name: name, eventShape: eventShape)
    let isValid = traits.isValid
    factored = graph.located {
      MultivariateNormalTriL(loc: loc, scaleTriL: isValid ? cholesky(matrix) : graph.invalid())
    }
    self.loc = loc
    self.covarianceMatrix = matrix
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { factored.sampleFormula(shape) }
  public func sampleAndLogProbFormula(_ shape: Shape) -> (sample: Tensor, logProb: Tensor)? {
    factored.sampleAndLogProbFormula(shape)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? { factored.logProbFormula(x) }
  public func meanFormula() -> Tensor? { loc }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { diagPart(covarianceMatrix) }
  public func covarianceFormula() -> Tensor? { factored.covarianceFormula() }
  public func entropyFormula() -> Tensor? { factored.entropyFormula() }
}

extension MultivariateNormalFullCovariance {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { MultivariateNormalFullCovariance(loc: $0[0], covarianceMatrix: $0[1]) }
  ]
}
