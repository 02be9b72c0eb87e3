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

  /// A distribution of each `low` and `high`.
  public init(low: some TensorConvertible, high: some TensorLike = 1.0, name: String? = nil) {
    self.init(in: low.tensor.graph, low: low.tensor, high: high, dtype: low.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Uniform(in: graph, low: 0, high: 1)`.
  public init(
    in graph: Graph, low: some TensorLike = 0.0, high: some TensorLike = 1.0, dtype: DType = .float32,
    name: String? = nil
  ) {
    var table = ParameterTable("Uniform", in: graph, dtype: dtype)
    self.low = table.add("low", low)
    self.high = table.add("high", high)
    table.requireOrder(self.low, self.high)
    traits = table.traits(name: name)
  }

  private var width: Tensor { high - low }
  /// x moved to the nearer end if it is outside.
  private func clamped(_ x: Tensor) -> Tensor { minimum(maximum(x, low), high) }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    select((x < low) .| (x > high), x.scalar(-.infinity), -log(width))
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { (clamped(x) - low) / width }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { (high - clamped(x)) / width }
  public func quantileFormula(_ p: Tensor) -> Tensor? { low + p * width }
  public func meanFormula() -> Tensor? { 0.5 * (low + high) }
  public func varianceFormula() -> Tensor? { width * width / 12 }
  public func stddevFormula() -> Tensor? { width / 12.0.squareRoot() }
  public func entropyFormula() -> Tensor? { log(width) }
}
