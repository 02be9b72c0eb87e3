import ElbowArrays
import ElbowGraph

/// The Cauchy distribution, which has neither mean nor variance: both are NaN.
///
///     p(x) = 1 / (pi scale (1 + ((x - loc) / scale)^2))
///
/// `loc` and `scale` broadcast to the batch shape; an event is a scalar.
public struct Cauchy: Distribution {
  /// The location.
  public let loc: Tensor
  /// The scale, positive.
  public let scale: Tensor
  public let traits: DistributionTraits

  /// A distribution of each `loc` and `scale`.
  public init(loc: some TensorConvertible, scale: some TensorLike, name: String? = nil) {
    self.init(in: loc.tensor.graph, loc: loc.tensor, scale: scale, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Cauchy(in: graph, loc: 0, scale: 1)`.
  public init(
    in graph: Graph, loc: some TensorLike, scale: some TensorLike, dtype: DType = .float32, name: String? = nil
  ) {
    var table = ParameterTable("Cauchy", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  private func standardized(_ x: Tensor) -> Tensor { (x - loc) / scale }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    -logOnePlusSquare(standardized(x)) - (log(scale) + Double.logPi)
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { lower(standardized(x)) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { logLower(standardized(x)) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { lower(-standardized(x)) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { logLower(-standardized(x)) }
  public func quantileFormula(_ p: Tensor) -> Tensor? {
    // tan(pi (p - 1/2)): far from the median by the distance to the nearer end, 0 or 1.
    let q = p - 0.5
    let isCentral = abs(q) < 0.25
    let tail = select(isCentral, p.scalar(0.25), minimum(p, 1 - p))
    let far = 1 / tan(Double.pi * tail)
    return loc + scale
      * select(isCentral, tan(Double.pi * select(isCentral, q, q.zerosLike())), select(q < 0, -far, far))
  }
  public func meanFormula() -> Tensor? { undefined }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { undefined }
  public func stddevFormula() -> Tensor? { undefined }
  public func entropyFormula() -> Tensor? { log(scale) + (Double.logPi + 2 * Double.ln2) }

  private var undefined: Tensor { loc.scalar(.nan) }

  /// P(Z > |z|) of the standard distribution, at most 1/2.
  private func tail(_ z: Tensor) -> Tensor {
    let isFar = abs(z) > 1
    let far = atan(1 / select(isFar, abs(z), z.onesLike())) / Double.pi
    return select(isFar, far, 0.5 - atan(select(isFar, z.onesLike(), abs(z))) / Double.pi)
  }
  private func lower(_ z: Tensor) -> Tensor { select(z < 0, tail(z), 1 - tail(z)) }
  private func logLower(_ z: Tensor) -> Tensor { select(z < 0, log(tail(z)), log1p(-tail(z))) }
}
