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
  public init(in graph: Graph, rate: some TensorLike, dtype: DType = .float32, name: String? = nil) {
    var table = ParameterTable("Exponential", in: graph, dtype: dtype)
    self.rate = table.add("rate", rate, .positive)
    traits = table.traits(name: name)
  }

  /// log P(X > x) = -rate x, 0 outside the support.
  private func logTail(_ x: Tensor) -> Tensor { -(rate * select(x < 0, x.zerosLike(), x)) }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: x < 0, safe: 0, value: -.infinity) { log(rate) - rate * $0 }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { -expm1(logTail(x)) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { log1mexp(logTail(x)) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { exp(logTail(x)) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { logTail(x) }
  public func quantileFormula(_ p: Tensor) -> Tensor? { -log1p(-p) / rate }
  public func meanFormula() -> Tensor? { 1 / rate }
  public func modeFormula() -> Tensor? { rate.zerosLike() }
  public func varianceFormula() -> Tensor? { 1 / (rate * rate) }
  public func stddevFormula() -> Tensor? { 1 / rate }
  public func entropyFormula() -> Tensor? { 1 - log(rate) }
}
