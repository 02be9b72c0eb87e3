import ElbowArrays
import ElbowGraph

/// The half-normal distribution: that of the absolute value of a normal variate of mean 0.
///
///     p(x) = sqrt(2 / pi) / scale exp(-(x / scale)^2 / 2),  x >= 0
///
/// `scale` is the batch; an event is a scalar.
public struct HalfNormal: Distribution {
  /// The normal variate's standard deviation, positive.
  public let scale: Tensor
  public let traits: DistributionTraits
  public var support: ValueSupport? { .notNegative("HalfNormal") }

  /// A distribution of each `scale`.
  public init(scale: some TensorConvertible, name: String? = nil) {
    self.init(in: scale.tensor.graph, scale: scale.tensor, dtype: scale.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `HalfNormal(in: graph, scale: 1)`.
  public init(in graph: Graph, scale: some TensorLike, dtype: DType = .float32, name: String? = nil) {
    var table = ParameterTable("HalfNormal", in: graph, dtype: dtype)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  /// x / scale, 0 outside the support.
  private func standardized(_ x: Tensor) -> Tensor { select(x < 0, x.zerosLike(), x) / scale }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: x < 0, safe: 0, value: -.infinity) { x in
      let z = x / scale
      return -0.5 * z * z - (log(scale) + 0.5 * (Double.logPi - Double.ln2))
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { erf(standardized(x) * 0.5.squareRoot()) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    let z = standardized(x) * 0.5.squareRoot()
    let isSmall = z < 0.5
    return select(
      isSmall, log(erf(select(isSmall, z, z.scalar(0.5)))), log1p(-erfc(select(isSmall, z.scalar(0.5), z))))
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { 2 * ndtr(-standardized(x)) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { minimum(logNdtr(-standardized(x)) + Double.ln2, 0) }
  public func quantileFormula(_ p: Tensor) -> Tensor? { scale * erfinv(p) * 2.0.squareRoot() }
  public func meanFormula() -> Tensor? { scale * (2 / Double.pi).squareRoot() }
  public func modeFormula() -> Tensor? { scale.zerosLike() }
  public func varianceFormula() -> Tensor? { scale * scale * (1 - 2 / Double.pi) }
  public func stddevFormula() -> Tensor? { scale * (1 - 2 / Double.pi).squareRoot() }
  public func entropyFormula() -> Tensor? { log(scale) + 0.5 * (1 + Double.logPi - Double.ln2) }
}
