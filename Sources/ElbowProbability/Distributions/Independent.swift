import ElbowArrays
import ElbowGraph

/// A distribution whose last batch axes count as axes of the event.
///
///     log p(x) = sum over the reinterpreted axes of log p_distribution(x)
///
/// `Independent(Bernoulli(logits: pixels), reinterpretedBatchNDims: 2)` gives one log probability an image, not one a
/// pixel.
public struct Independent: Distribution {
  /// The distribution whose batch axes are reinterpreted.
  public let distribution: any Distribution
  /// How many of its last batch axes become event axes.
  public let reinterpretedBatchNDims: Int
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { distribution.defaultEventSpaceBijector }
  public var support: ValueSupport? { distribution.support }
  public var parts: [any Distribution] { [distribution] }

  /// A distribution with `reinterpretedBatchNDims` fewer batch axes and as many more event axes; all batch axes but the
  /// first if the number is left out, as TFP has it.
  public init(_ distribution: any Distribution, reinterpretedBatchNDims: Int? = nil, name: String? = nil) {
    let (graph, batch) = (distribution.graph, distribution.batchShape)
    let count = reinterpretedBatchNDims ?? max(0, batch.rank - 1)
    self.distribution = distribution
    self.reinterpretedBatchNDims = count
    let fits = (0...batch.rank).contains(count)
    if !fits && distribution.isValid {
      _ = graph.invalid(
        .shape,
        "Independent(_:reinterpretedBatchNDims:): \(count) axes of the batch shape \(batch) of "
          + "\(distribution.traits.typeName) cannot be reinterpreted; it has \(batch.rank).")
    }
    traits = DistributionTraits(
      typeName: "Independent", name: name ?? "Independent" + distribution.name, graph: graph,
      batchShape: batch.dropLast(fits ? count : 0),
      eventShape: batch.suffix(fits ? count : 0) + distribution.eventShape,
      dtype: distribution.dtype, parameterDType: distribution.traits.parameterDType,
      isValid: fits && distribution.isValid)
  }

  /// The sum over the reinterpreted axes, which in a log probability are the last ones.
  func reduced(_ x: Tensor?) -> Tensor? {
    guard let x, x.isValid else { return x }
    return x.sum(axes: (0..<reinterpretedBatchNDims).map { -1 - $0 })
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { distribution.sampleFormula(shape) }
  public func logProbFormula(_ x: Tensor) -> Tensor? { reduced(distribution.logProbFormula(x).map(wide)) }
  public func cdfFormula(_ x: Tensor) -> Tensor? { logCDFFormula(x).map { exp($0) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { reduced(distribution.logCDFFormula(x).map(wide)) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { logCDFFormula(x).map { -expm1($0) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    guard let logLower = logCDFFormula(x), let tails = distribution.logSurvivalFunctionFormula(x).map(wide) else {
      return nil
    }
    // Far out 1 - prod(1 - s_i) is the sum of the s_i, whose logarithms are known where the product is all but 1.
    return log1mexp(logLower, logOfMinus: logTotal(tails, axes: (0..<reinterpretedBatchNDims).map { -1 - $0 }))
  }
  public func meanFormula() -> Tensor? { distribution.meanFormula() }
  public func modeFormula() -> Tensor? { distribution.modeFormula() }
  public func varianceFormula() -> Tensor? { distribution.varianceFormula() }
  public func stddevFormula() -> Tensor? { distribution.stddevFormula() }
  public func entropyFormula() -> Tensor? {
    reduced(distribution.entropyFormula().map { $0.broadcast(to: distribution.batchShape) })
  }

  /// A result with all the batch axes of the inner distribution, so that none is missing from the sum.
  private func wide(_ x: Tensor) -> Tensor {
    guard let shape = graph.broadcastShape([x.shape, distribution.batchShape]), x.isValid else { return x }
    return x.broadcast(to: shape)
  }
}
