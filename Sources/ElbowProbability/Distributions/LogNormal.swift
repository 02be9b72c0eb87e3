import ElbowArrays
import ElbowGraph

/// The log-normal distribution: that of the exponential of a normal variate.
///
///     p(x) = exp(-((log x - loc) / scale)^2 / 2) / (x scale sqrt(2 pi)),  x > 0
///
/// `loc` and `scale` broadcast to the batch shape; an event is a scalar.
public struct LogNormal: Distribution {
  /// The mean of the logarithm.
  public let loc: Tensor
  /// The standard deviation of the logarithm, positive.
  public let scale: Tensor
  public let traits: DistributionTraits
  public var support: ValueSupport? { .notNegative("LogNormal") }

  /// A distribution of each `loc` and `scale`.
  public init(loc: some TensorConvertible, scale: some TensorLike, name: String? = nil) {
    self.init(in: loc.tensor.graph, loc: loc.tensor, scale: scale, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `LogNormal(in: graph, loc: 0, scale: 1)`.
  public init(
    in graph: Graph, loc: some TensorLike, scale: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("LogNormal", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  /// A cumulative function of the normal distribution's z at x.
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...(.infinity), safe: 1) { formula((log($0) - loc) / scale) }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    exp(loc + scale * graph.randomNormal(shape, dtype: traits.parameterDType))
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: x <= 0, safe: 1, value: -.infinity) { x in
      let logX = log(x)
      let z = (logX - loc) / scale
      return -0.5 * z * z - (log(scale) + 0.5 * Double.log2Pi) - logX
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { ndtr($0) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { tails(.logCDF, x) { logNdtr($0) } }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { ndtr(-$0) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.logSurvival, x) { logNdtr(-$0) } }
  public func quantileFormula(_ p: Tensor) -> Tensor? { exp(loc + scale * ndtri(p)) }
  public func meanFormula() -> Tensor? { exp(loc + 0.5 * scale * scale) }
  public func modeFormula() -> Tensor? { exp(loc - scale * scale) }
  public func varianceFormula() -> Tensor? { expm1(scale * scale) * exp(2 * loc + scale * scale) }
  public func stddevFormula() -> Tensor? { sqrt(expm1(scale * scale)) * exp(loc + 0.5 * scale * scale) }
  public func entropyFormula() -> Tensor? { loc + log(scale) + 0.5 * (1 + Double.log2Pi) }
}

extension LogNormal {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { LogNormal(loc: $0[0], scale: $0[1]) }
  ]
}
