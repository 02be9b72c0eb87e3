import ElbowArrays
import ElbowGraph

/// The exponential distribution.
///
///     p(x) = rate exp(-rate x),  x >= 0
///
/// `rate` is the batch; an event is a scalar.
public struct Exponential: Distribution {
  /// One over the mean, positive.
  public let rate: Tensor
  public let traits: DistributionTraits
  public var support: ValueSupport? { .notNegative("Exponential") }

  /// A distribution of each `rate`.
  public init(rate: some TensorConvertible, name: String? = nil) {
    self.init(in: rate.tensor.graph, rate: rate.tensor, dtype: rate.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Exponential(in: graph, rate: 1)`.
  public init(in graph: Graph, rate: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Exponential", in: graph, dtype: dtype)
    self.rate = table.add("rate", rate, .positive)
    traits = table.traits(name: name)
  }

  /// A cumulative function, by log P(X > x) = -rate x.
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...(.infinity), safe: 1, formula)
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: x < 0, safe: 0, value: -.infinity) { log(rate) - rate * $0 }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { -expm1(-(rate * $0)) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    tails(.logCDF, x) { log1mexp(-(rate * $0), logOfMinus: log(rate) + log($0)) }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { exp(-(rate * $0)) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.logSurvival, x) { -(rate * $0) } }
  public func quantileFormula(_ p: Tensor) -> Tensor? { -log1p(-p) / rate }
  public func meanFormula() -> Tensor? { 1 / rate }
  public func modeFormula() -> Tensor? { rate.zerosLike() }
  public func varianceFormula() -> Tensor? { 1 / (rate * rate) }
  public func stddevFormula() -> Tensor? { 1 / rate }
  public func entropyFormula() -> Tensor? { 1 - log(rate) }
}

extension Exponential {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { Exponential(rate: $0[0]) }
  ]
}
