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
  public init(in graph: Graph, scale: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("HalfNormal", in: graph, dtype: dtype)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  /// A cumulative function of x / scale.
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...(.infinity), safe: 1) { formula($0 / scale) }
  }
  /// z / sqrt(2) where that is below a half, and else a harmless number.
  private func small(_ z: Tensor) -> (isSmall: Tensor, value: Tensor) {
    let y = z * 0.5.squareRoot()
    let isSmall = y < 0.5
    return (isSmall, select(isSmall, y, y.scalar(0.25)))
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: x < 0, safe: 0, value: -.infinity) { x in
      let z = x / scale
      return -0.5 * z * z - (log(scale) + 0.5 * (Double.logPi - Double.ln2))
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { erf($0 * 0.5.squareRoot()) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    tails(.logCDF, x) { z in
      let (isSmall, value) = small(z)
      return select(isSmall, log(erf(value)), log1p(-2 * ndtr(-select(isSmall, z.scalar(1), z))))
    }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { 2 * ndtr(-$0) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.logSurvival, x) { z in
      let (isSmall, value) = small(z)
      return select(isSmall, log1p(-erf(value)), logNdtr(-select(isSmall, z.scalar(1), z)) + Double.ln2)
    }
  }
  public func quantileFormula(_ p: Tensor) -> Tensor? { scale * erfinv(p) * 2.0.squareRoot() }
  public func meanFormula() -> Tensor? { scale * (2 / Double.pi).squareRoot() }
  public func modeFormula() -> Tensor? { scale.zerosLike() }
  public func varianceFormula() -> Tensor? { scale * scale * (1 - 2 / Double.pi) }
  public func stddevFormula() -> Tensor? { scale * (1 - 2 / Double.pi).squareRoot() }
  public func entropyFormula() -> Tensor? { log(scale) + 0.5 * (1 + Double.logPi - Double.ln2) }
}

extension HalfNormal {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { HalfNormal(scale: $0[0]) }
  ]
}
