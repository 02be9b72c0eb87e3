import ElbowArrays
import ElbowGraph

/// The Weibull distribution.
///
///     p(x) = k / scale (x / scale)^(k-1) exp(-(x / scale)^k),  k = concentration, x >= 0
///
/// `concentration` and `scale` broadcast to the batch shape; an event is a scalar.
public struct Weibull: Distribution {
  /// The shape k, positive.
  public let concentration: Tensor
  /// The scale, positive.
  public let scale: Tensor
  public let traits: DistributionTraits
  public var support: ValueSupport? { .notNegative("Weibull") }

  /// A distribution of each `concentration` and `scale`.
  public init(concentration: some TensorConvertible, scale: some TensorLike, name: String? = nil) {
    self.init(
      in: concentration.tensor.graph, concentration: concentration.tensor, scale: scale,
      dtype: concentration.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Weibull(in: graph, concentration: 1, scale: 1)`.
  public init(
    in graph: Graph, concentration: some TensorLike, scale: some TensorLike, dtype: DType? = nil,
    name: String? = nil
  ) {
    var table = ParameterTable("Weibull", in: graph, dtype: dtype)
    self.concentration = table.add("concentration", concentration, .positive)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  /// A cumulative function, by log P(X > x) = -(x / scale)^k.
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...(.infinity), safe: 1) { formula($0 / scale) }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: x < 0, safe: 1, value: -.infinity) { x in
      let ratio = x / scale
      return log(concentration) - log(scale) + (weightedLog(concentration - 1, x) - (concentration - 1) * log(scale))
        - pow(ratio, concentration)
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { -expm1(-pow($0, concentration)) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    tails(.logCDF, x) { logOneMinusExpMinusExp(concentration * log($0)) }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { exp(-pow($0, concentration)) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.logSurvival, x) { -pow($0, concentration) } }
  public func quantileFormula(_ p: Tensor) -> Tensor? { scale * exp(log(-log1p(-p)) / concentration) }
  public func meanFormula() -> Tensor? { scale * moment(1) }
  public func modeFormula() -> Tensor? { scale * pow((concentration - 1) / concentration, 1 / concentration) }
  public func varianceFormula() -> Tensor? {
    let mean = moment(1)
    return scale * scale * (moment(2) - mean * mean)
  }
  public func entropyFormula() -> Tensor? {
    Double.eulerGamma * (1 - 1 / concentration) + log(scale) - log(concentration) + 1
  }

  /// E[(X / scale)^n] = gamma(1 + n / k).
  private func moment(_ n: Double) -> Tensor { exp(lgamma(1 + n / concentration)) }
}

extension Weibull {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Weibull(concentration: $0[0], scale: $0[1]) }
  ]
}
