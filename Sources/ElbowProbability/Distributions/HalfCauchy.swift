import ElbowArrays
import ElbowGraph

/// The half-Cauchy distribution: that of the absolute value of a Cauchy variate around 0.
///
///     p(x) = 2 / (pi scale (1 + (x / scale)^2)),  x >= 0
///
/// `scale` is the batch; an event is a scalar. Its tail is so heavy that it has no mean: a common prior of the standard deviation
/// of groups (A. Gelman, Bayesian Analysis 1, 2006).
public struct HalfCauchy: Distribution {
  /// The median, positive.
  public let scale: Tensor
  public let traits: DistributionTraits
  public var support: ValueSupport? { .notNegative("HalfCauchy") }

  /// A distribution of each `scale`.
  public init(scale: some TensorConvertible, name: String? = nil) {
    self.init(in: scale.tensor.graph, scale: scale.tensor, dtype: scale.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `HalfCauchy(in: graph, scale: 5)`.
  public init(in graph: Graph, scale: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("HalfCauchy", in: graph, dtype: dtype)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...(.infinity), safe: 1) { formula($0 / scale) }
  }
  /// atan(z) 2 / pi, and what is missing to 1: atan(1 / z) 2 / pi.
  private func lower(_ z: Tensor) -> Tensor { atan(z) * (2 / Double.pi) }
  private func upper(_ z: Tensor) -> Tensor { atan(1 / z) * (2 / Double.pi) }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: x < 0, safe: 0, value: -.infinity) { x in
      -logOnePlusSquare(x / scale) - (log(scale) + (Double.logPi - Double.ln2))
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x, lower) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    tails(.logCDF, x) { logProbability(lower($0), complement: upper($0)) }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x, upper) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.logSurvival, x) { logProbability(upper($0), complement: lower($0)) }
  }
  public func quantileFormula(_ p: Tensor) -> Tensor? { scale * tan(p * (0.5 * Double.pi)) }
  public func modeFormula() -> Tensor? { scale.zerosLike() }
  public func entropyFormula() -> Tensor? { log(scale) + Double.log2Pi }
}

extension HalfCauchy {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { HalfCauchy(scale: $0[0]) }
  ]
}
