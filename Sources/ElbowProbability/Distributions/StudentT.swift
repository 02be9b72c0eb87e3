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
    in graph: Graph, df: some TensorLike, loc: some TensorLike, scale: some TensorLike, dtype: DType? = nil,
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
    // Where its square underflows, 1 / t is the power of the tail that the leading term of I says.
    let isRemote = .!isCentral .& (far < smallestForLogarithms(far.dtype))
    let remote = exp(-(log(select(isRemote, tail, half)) + log(0.5 * df) + lbeta(0.5 * df, half)) / df)
    let usual = sqrt(select(isCentral, near / (1 - near), 1 / select(isRemote, half, far) - 1))
    let t = sqrt(df) * select(isRemote, remote, usual)
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

  /// P(T <= z) of the standard distribution.
  private func lower(_ z: Tensor) -> Tensor {
    let (isFar, w, central) = parts(z)
    let tail = farTail(w).value
    return select(isFar, select(z < 0, tail, 1 - tail), central)
  }
  private func logLower(_ z: Tensor) -> Tensor {
    let (isFar, w, central) = parts(z)
    let (tail, logTail) = farTail(w)
    return select(isFar, select(z < 0, logTail, log1p(-tail)), log(central))
  }
  /// Whether |z| > 1; |w| for w = z / sqrt(df) if it is; and if not, P(T <= z), from the middle, by I_(w^2 / (1 + w^2)).
  private func parts(_ z: Tensor) -> (isFar: Tensor, w: Tensor, central: Tensor) {
    let w = z / sqrt(df)
    let isFar = abs(z) > 1
    // The share between -w and w is a multiple of w near 0, of which the square root of w^2 has no derivative.
    let isTiny = maximum(abs(w), abs(z)) < 1e-10
    let near = select(isFar .| isTiny, stopGradient(0.5 / sqrt(df)), w)
    let share = betainc(df.scalar(0.5), 0.5 * df, near * near / (1 + near * near))
    let slope = exp(-lbeta(0.5 * df, df.scalar(0.5)))
    let half = select(isTiny, slope * select(isTiny, w, w.zerosLike()), select(w < 0, -0.5 * share, 0.5 * share))
    return (isFar, select(isFar, abs(w), stopGradient(2 / sqrt(df))), 0.5 + half)
  }
  /// P(T > w sqrt(df)) for w > 0 and its logarithm, by I_(1 / (1 + w^2))(df/2, 1/2): where w^2 would overflow the terms
  /// after the first do not show.
  private func farTail(_ w: Tensor) -> (value: Tensor, logarithm: Tensor) {
    let isRemote = w > 1e15
    let size = select(isRemote, w.scalar(2), w)
    let (half, x) = (df.scalar(0.5), 1 / (1 + size * size))
    let value = 0.5 * betainc(0.5 * df, half, x)
    let logX = -logOnePlusSquare(w)
    let usual = logBetainc(
      2 * value, complement: 1 - 2 * value, 0.5 * df, half, logX: -logOnePlusSquare(size),
      logY: -logOnePlusSquare(1 / size))
    let leading = 0.5 * df * logX - log(0.5 * df) - lbeta(0.5 * df, half)
    let logarithm = select(isRemote, leading, usual) - Double.ln2
    return (select(isRemote, exp(logarithm), value), logarithm)
  }
}

extension StudentT {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(3) { StudentT(df: $0[0], loc: $0[1], scale: $0[2]) }
  ]
}
