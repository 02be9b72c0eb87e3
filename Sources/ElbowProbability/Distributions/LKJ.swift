import ElbowArrays
import ElbowGraph

/// The distribution over correlation matrices of Lewandowski, Kurowicka and Joe (2009, "Generating random correlation matrices
/// based on vines and extended onion method").
///
///     p(X) = det(X)^(concentration - 1) / Z
///
/// `concentration` is the batch; an event is a symmetric positive definite `dimension` by `dimension` matrix with ones on its
/// diagonal. At concentration 1 all are equally likely; above, those near the identity are likelier. Gradients flow through
/// samples.
public struct LKJ: Distribution {
  /// The number of rows.
  public let dimension: Int
  /// The same distribution of Cholesky factors.
  let factors: CholeskyLKJ
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? {
    Bijectors.Chain([Bijectors.CholeskyOuterProduct(), Bijectors.CorrelationCholesky()])
  }
  /// The exponent, and one; positive.
  public var concentration: Tensor { factors.concentration }

  /// A distribution of each `concentration`.
  public init(dimension: Int, concentration: some TensorConvertible, name: String? = nil) {
    self.init(
      in: concentration.tensor.graph, dimension: dimension, concentration: concentration.tensor,
      dtype: concentration.tensor.dtype, name: name)
  }

  /// A distribution whose parameter may be a number: `LKJ(in: graph, dimension: 3, concentration: 1)`.
  public init(
    in graph: Graph, dimension: Int, concentration: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    self.dimension = dimension
    factors = CholeskyLKJ(
      "LKJ", in: graph, dimension: dimension, concentration: concentration, dtype: dtype, name: name)
    traits = factors.traits
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    factors.sampleFormula(shape).map { matmul($0, $0, transposeB: true) }
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    (concentration - 1) * ElbowGraph.logDeterminant(choleskyFactor: cholesky(x)) - factors.logNormalizer
  }
  public func meanFormula() -> Tensor? { diag(graph.ones([Dimension(dimension)], dtype: traits.parameterDType)) }
}

/// The distribution of the Cholesky factors of matrices from ``LKJ``.
///
///     p(L) = prod_i L_ii^(dimension - i + 2 (concentration - 1)) / Z,  i = 1, ..., dimension
///
/// An event is a lower triangular matrix with a positive diagonal and rows of length 1. A factor is what models of covariances
/// want, and needs no decomposition.
public struct CholeskyLKJ: Distribution {
  /// The number of rows.
  public let dimension: Int
  /// As that of ``LKJ``, positive.
  public let concentration: Tensor
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { Bijectors.CorrelationCholesky() }

  /// A distribution of each `concentration`.
  public init(dimension: Int, concentration: some TensorConvertible, name: String? = nil) {
    self.init(
      in: concentration.tensor.graph, dimension: dimension, concentration: concentration.tensor,
      dtype: concentration.tensor.dtype, name: name)
  }

  /// A distribution whose parameter may be a number: `CholeskyLKJ(in: graph, dimension: 3, concentration: 1)`.
  public init(
    in graph: Graph, dimension: Int, concentration: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    self.init(
      "CholeskyLKJ", in: graph, dimension: dimension, concentration: concentration, dtype: dtype, name: name)
  }

  init(
    _ typeName: String, in graph: Graph, dimension: Int, concentration: some TensorLike, dtype: DType?, name: String?
  ) {
    var table = ParameterTable(typeName, in: graph, dtype: dtype)
    self.dimension = dimension
    self.concentration = table.add("concentration", concentration, .positive)
    if table.isValid, !(1...Self.largestDimension).contains(dimension) {
      _ = table.fail(
        .invalidArgument, "the dimension must be from 1 to \(Self.largestDimension), but is \(dimension)")
    }
    let extent = Dimension(table.isValid ? dimension : 1)
    traits = table.traits(name: name, eventShape: [extent, extent])
  }

  /// The normaliser takes an operation for each row.
  private static let largestDimension = 1000

  /// The normaliser of both distributions: equation 16 of the paper, by the proof of its theorem 5,
  /// sum_k (k/2) log(pi) + log gamma(c + (d - 1 - k)/2) - log gamma(c + (d - 1)/2) for k = 1, ..., d - 1.
  var logNormalizer: Tensor {
    let top = lgamma(concentration + 0.5 * Double(dimension - 1))
    var sum = concentration.zerosLike()
    for k in stride(from: 1, to: dimension, by: 1) {
      sum = sum + (lgamma(concentration + 0.5 * Double(dimension - 1 - k)) - top + 0.5 * Double(k) * Double.logPi)
    }
    return sum
  }

  /// The onion method: row i is a vector in the ball whose squared length has a beta distribution of i/2 and
  /// concentration + (d - 1 - i)/2, for i = 1, ..., d - 1, and a last element that makes its length 1.
  public func sampleFormula(_ shape: Shape) -> Tensor? {
    let dtype = traits.parameterDType
    let row = graph.iota([Dimension(dimension)], axis: 0, dtype: dtype)
    let vectors = shape.dropLast(1)
    let within = graph.randomGamma(vectors, concentration: 0.5 * maximum(row, 1))
    let rest = graph.randomGamma(
      vectors, concentration: concentration.expandedDims(-1) + 0.5 * (Double(dimension - 1) - row))
    let isFirst = row .== 0
    let total = within + rest
    let length = select(isFirst, total.zerosLike(), sqrt(within / total))
    let normals = bandPart(graph.randomNormal(shape, dtype: dtype), lower: nil, upper: -1)
    let norm = sqrt((normals * normals).sum(axes: [-1]) + isFirst.cast(to: dtype))
    return normals * (length / norm).expandedDims(-1)
      + diag(select(isFirst, total.onesLike(), sqrt(rest / total)))
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let row = graph.iota([Dimension(dimension)], axis: 0, dtype: traits.parameterDType)
    let exponents = 2 * (concentration.expandedDims(-1) - 1) + (Double(dimension - 1) - row)
    return (exponents * log(diagPart(x))).sum(axes: [-1]) - logNormalizer
  }
}

extension CholeskyLKJ {
  /// How it is made of tensors, with matrices of 3 by 3.
  static let constructors = [DistributionConstructor(1) { CholeskyLKJ(dimension: 3, concentration: $0[0]) }]
}

extension LKJ {
  /// How it is made of tensors, with matrices of 3 by 3.
  static let constructors = [DistributionConstructor(1) { LKJ(dimension: 3, concentration: $0[0]) }]
}
