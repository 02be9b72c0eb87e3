import ElbowArrays
import ElbowGraph

/// The Wishart distribution over symmetric positive definite matrices: that of the sum of `df` outer products z z^T of normal
/// vectors of the covariance V.
///
///     p(X) = det(X)^((df-k-1)/2) exp(-tr(V^-1 X)/2) / (2^(df k/2) det(V)^(df/2) gamma_k(df/2)),  V = scaleTriL scaleTriL^T
///
/// `df`, above k - 1, is a batch, and `scaleTriL` is `[..., k, k]`, lower triangular with a positive diagonal; an event is a k by k
/// matrix. Gradients flow through samples. The mode is NaN where df is less than k + 1.
public struct WishartTriL: Distribution {
  /// The degrees of freedom.
  public let df: Tensor
  /// The Cholesky factor of V, with zeros above the diagonal.
  public let scaleTriL: Tensor
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? {
    Bijectors.Chain([
      Bijectors.CholeskyOuterProduct(), Bijectors.FillScaleTriL(diagBijector: Bijectors.Exp(), diagShift: nil),
    ])
  }

  /// A distribution of each `df` and matrix of `scaleTriL`.
  public init(df: some TensorConvertible, scaleTriL: some TensorLike, name: String? = nil) {
    self.init(in: df.tensor.graph, df: df.tensor, scaleTriL: scaleTriL, dtype: df.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `WishartTriL(in: graph, df: 4, scaleTriL: [[1, 0], [2, 1]])`.
  public init(
    in graph: Graph, df: some TensorLike, scaleTriL: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("WishartTriL", in: graph, dtype: dtype)
    self.df = table.add("df", df, .positive)
    let matrix = table.addMatrix("scaleTriL", scaleTriL, .lowerTriangular)
    if table.isValid, matrix.shape[-1].value == nil {
      _ = table.fail(.shape, "the parameter 'scaleTriL', \(matrix.type), needs matrices of a known size")
    }
    let isValid = table.isValid
    self.scaleTriL = graph.located { isValid ? tril(matrix) : graph.invalid() }
    traits = table.traits(name: name, eventShape: isValid ? matrix.shape.suffix(2) : .scalar)
  }

  private var size: Int { eventShape[-1].value ?? 1 }
  /// log det V.
  private var logDeterminant: Tensor { 2 * log(abs(diagPart(scaleTriL))).sum(axes: [-1]) }
  /// V.
  private var scale: Tensor { matmul(scaleTriL, scaleTriL, transposeB: true) }
  /// `df` beside matrices.
  private var dfOfMatrix: Tensor { df.expandedDims(-1).expandedDims(-1) }
  private var logNormalizer: Tensor {
    let half = 0.5 * df
    return half * (Double(size) * Double.ln2) + half * logDeterminant + multigammaln(half, size)
  }

  /// Bartlett's decomposition (1933): L A A^T L^T, with A lower triangular, standard normal below the diagonal, and on it the
  /// roots of chi-squared variates of df, df - 1, ... degrees of freedom.
  public func sampleFormula(_ shape: Shape) -> Tensor? {
    let dtype = traits.parameterDType
    let row = graph.iota([Dimension(size)], axis: 0, dtype: dtype)
    let gammas = graph.randomGamma(shape.dropLast(1), concentration: 0.5 * (df.expandedDims(-1) - row))
    let below = bandPart(graph.randomNormal(shape, dtype: dtype), lower: nil, upper: -1)
    let factor = matmul(scaleTriL.broadcast(to: shape), below + diag(sqrt(2 * gammas)))
    return matmul(factor, factor, transposeB: true)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let factor = cholesky(x)
    let ratio = triangularSolve(scaleTriL, factor)
    guard ratio.isValid else { return ratio }
    return (df - Double(size + 1)) * log(diagPart(factor)).sum(axes: [-1])
      - 0.5 * (ratio * ratio).sum(axes: [-1, -2]) - logNormalizer
  }
  public func meanFormula() -> Tensor? { dfOfMatrix * scale }
  public func modeFormula() -> Tensor? {
    let excess = dfOfMatrix - Double(size + 1)
    return select(excess >= 0, excess, excess.scalar(.nan)) * scale
  }
  public func varianceFormula() -> Tensor? {
    let (scale, diagonal) = (scale, diagPart(scale))
    return dfOfMatrix * (scale * scale + diagonal.expandedDims(-1) * diagonal.expandedDims(-2))
  }
  public func entropyFormula() -> Tensor? {
    let half = 0.5 * df
    var digammas = half.zerosLike()
    for index in 0..<size { digammas = digammas + digamma(half - 0.5 * Double(index)) }
    // E[log det X] is the sum of the digammas, k log 2 and log det V.
    let meanLog = digammas + Double(size) * Double.ln2 + logDeterminant
    return logNormalizer - 0.5 * (df - Double(size + 1)) * meanLog + half * Double(size)
  }
}

extension WishartTriL {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { WishartTriL(df: $0[0], scaleTriL: $0[1]) }
  ]
}
