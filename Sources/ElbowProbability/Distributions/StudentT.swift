import ElbowArrays
import ElbowGraph

/// Student's t distribution.
///
///     p(x) = (1 + z^2 / df)^(-(df+1)/2) / (scale sqrt(df) B(1/2, df/2)),  z = (x - loc) / scale
///
/// The parameters broadcast to the batch shape; an event is a scalar. Mean and variance are NaN where their integrals do
/// not exist, and the variance is infinite for df from 1 to 2. Gradients flow through samples.
public struct StudentT: Distribution {
  /// The degrees of freedom, positive.
  public let df: Tensor
  /// The location.
  public let loc: Tensor
  /// The scale, positive.
  public let scale: Tensor
  public let traits: DistributionTraits

  /// A distribution of each `df`, `loc` and `scale`.
  public init(df: some TensorConvertible, loc: some TensorLike, scale: some TensorLike, name: String? = nil) {
    self.init(in: df.tensor.graph, df: df.tensor, loc: loc, scale: scale, dtype: df.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `StudentT(in: graph, df: 3, loc: 0, scale: 1)`.
  public init(
    in graph: Graph, df: some TensorLike, loc: some TensorLike, scale: some TensorLike, dtype: DType = .float32,
    name: String? = nil
  ) {
    var table = ParameterTable("StudentT", in: graph, dtype: dtype)
    self.df = table.add("df", df, .positive)
    self.loc = table.add("loc", loc)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  private func standardized(_ x: Tensor) -> Tensor { (x - loc) / scale }
  /// log(sqrt(df) B(1/2, df/2)).
  private var logNormalizer: Tensor { 0.5 * log(df) + lbeta(0.5 * df, df.scalar(0.5)) }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    let normal = graph.randomNormal(shape, dtype: traits.parameterDType)
    return loc + scale * normal * sqrt(0.5 * df / graph.randomGamma(shape, concentration: 0.5 * df))
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    -0.5 * (df + 1) * logOnePlusSquare(standardized(x) / sqrt(df)) - (logNormalizer + log(scale))
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { lower(standardized(x)) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { logLower(standardized(x)) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { lower(-standardized(x)) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { logLower(-standardized(x)) }
  public func quantileFormula(_ p: Tensor) -> Tensor? {
    let tail = 2 * minimum(p, 1 - p)
    // df / (df + t^2) has the beta distribution of (df/2, 1/2); near the median, its complement keeps the digits.
    let isCentral = tail > 0.5
    let half = df.scalar(0.5)
    let far = betaincinv(0.5 * df, half, select(isCentral, tail.scalar(0.5), tail))
    let near = betaincinv(half, 0.5 * df, select(isCentral, 1 - tail, tail.scalar(0.5)))
    let t = sqrt(df * select(isCentral, near / (1 - near), 1 / far - 1))
    return loc + scale * select(p < 0.5, -t, t)
  }
  public func meanFormula() -> Tensor? { select(df > 1, loc, loc.scalar(.nan)) }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? {
    let isFinite = df > 2
    let safe = select(isFinite, df, df.scalar(3))
    return select(
      isFinite, scale * scale * safe / (safe - 2), select(df > 1, df.scalar(.infinity), df.scalar(.nan)))
  }
  public func entropyFormula() -> Tensor? {
    log(scale) + logNormalizer - 0.5 * (df + 1) * digammaDifference(0.5 * df, df.scalar(0.5))
  }

  /// P(T > |z|) of the standard distribution, at most 1/2.
  private func tail(_ z: Tensor) -> Tensor {
    let w = z / sqrt(df)
    return 0.5 * betainc(0.5 * df, df.scalar(0.5), 1 / (1 + w * w))
  }
  private func lower(_ z: Tensor) -> Tensor { select(z < 0, tail(z), 1 - tail(z)) }
  private func logLower(_ z: Tensor) -> Tensor { select(z < 0, log(tail(z)), log1p(-tail(z))) }
}
