import ElbowArrays
import ElbowGraph

/// The uniform distribution on an interval.
///
///     p(x) = 1 / (high - low),  low <= x <= high
///
/// `low` and `high` broadcast to the batch shape; an event is a scalar.
public struct Uniform: Distribution {
  /// The lower end.
  public let low: Tensor
  /// The upper end, above `low`.
  public let high: Tensor
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { Bijectors.Sigmoid(low: low, high: high) }

  /// A distribution of each `low` and `high`.
  public init(low: some TensorConvertible, high: some TensorLike = 1.0, name: String? = nil) {
    self.init(in: low.tensor.graph, low: low.tensor, high: high, dtype: low.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Uniform(in: graph, low: 0, high: 1)`.
  public init(
    in graph: Graph, low: some TensorLike = 0.0, high: some TensorLike = 1.0, dtype: DType? = nil,
    name: String? = nil
  ) {
    var table = ParameterTable("Uniform", in: graph, dtype: dtype)
    self.low = table.add("low", low)
    self.high = table.add("high", high)
    table.requireOrder(self.low, self.high)
    traits = table.traits(name: name)
  }

  private var width: Tensor { high - low }
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, isBelow: x <= low, isAbove: x >= high, safe: 0.5 * (low + high), formula)
  }
  private func lower(_ x: Tensor) -> Tensor { (x - low) / width }
  private func upper(_ x: Tensor) -> Tensor { (high - x) / width }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    select((x < low) .| (x > high), x.scalar(-.infinity), -log(width))
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x, lower) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    tails(.logCDF, x) { logProbability(lower($0), complement: upper($0)) }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x, upper) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.logSurvival, x) { logProbability(upper($0), complement: lower($0)) }
  }
  public func quantileFormula(_ p: Tensor) -> Tensor? { low + p * width }
  public func meanFormula() -> Tensor? { 0.5 * (low + high) }
  public func varianceFormula() -> Tensor? { width * width / 12 }
  public func stddevFormula() -> Tensor? { width / 12.0.squareRoot() }
  public func entropyFormula() -> Tensor? { log(width) }
}

extension Uniform {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Uniform(low: $0[0], high: $0[1]) }
  ]
}
