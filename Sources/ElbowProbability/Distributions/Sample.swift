import ElbowArrays
import ElbowGraph

/// Independent draws of one distribution as one event.
///
///     log p(x) = sum over the sample shape of log p_distribution(x)
///
/// An event has the shape `sampleShape + distribution.eventShape`; the batch is the distribution's.
public struct Sample: Distribution {
  /// The distribution that is drawn from.
  public let distribution: any Distribution
  /// The shape of the draws.
  public let sampleShape: Shape
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { distribution.defaultEventSpaceBijector }
  public var support: ValueSupport? { distribution.support }
  public var parts: [any Distribution] { [distribution] }

  /// A distribution of `sampleShape` draws of another.
  public init(_ distribution: any Distribution, sampleShape: Shape, name: String? = nil) {
    self.distribution = distribution
    self.sampleShape = sampleShape
    traits = DistributionTraits(
      typeName: "Sample", name: name ?? "Sample" + distribution.name, graph: distribution.graph,
      batchShape: distribution.batchShape, eventShape: sampleShape + distribution.eventShape,
      dtype: distribution.dtype, parameterDType: distribution.traits.parameterDType, isValid: distribution.isValid)
  }

  private var batchRank: Int { batchShape.rank }
  private var innerRank: Int { distribution.eventShape.rank }
  /// The number of draws.
  var count: Tensor { graph.extent(sampleShape.elementCount, dtype: traits.parameterDType) }

  /// `outer + batch + sampleShape + event` becomes `outer + sampleShape + batch + event`, as the distribution has it.
  private func samplesFirst(_ x: Tensor) -> Tensor {
    let missing = batchRank + eventShape.rank - x.rank
    let whole = missing > 0 ? x.reshaped(to: Shape([Dimension](repeating: 1, count: missing)) + x.shape) : x
    return whole.isValid ? moved(whole, by: sampleShape.rank, over: batchRank) : whole
  }

  /// The axes before the inner event that are the last `count`, moved before the `other` ones before them.
  private func moved(_ x: Tensor, by count: Int, over other: Int) -> Tensor {
    let outer = x.rank - innerRank - count - other
    let order =
      [Int](0..<outer) + [Int](outer + other..<outer + other + count) + [Int](outer..<outer + other)
      + [Int](x.rank - innerRank..<x.rank)
    return x.transposed(order)
  }

  /// A moment of one draw for each of them.
  private func repeated(_ moment: Tensor?) -> Tensor? {
    guard let moment, moment.isValid else { return moment }
    let whole = moment.broadcast(to: batchShape + distribution.eventShape)
    let ones = Shape([Dimension](repeating: 1, count: sampleShape.rank))
    return whole.reshaped(to: batchShape + ones + distribution.eventShape).broadcast(to: batchShape + eventShape)
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    let outer = shape.dropLast(batchRank + eventShape.rank)
    return distribution.sampleFormula(outer + sampleShape + batchShape + distribution.eventShape).map {
      $0.isValid ? moved($0, by: batchRank, over: sampleShape.rank) : $0
    }
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let values = samplesFirst(x)
    return distribution.logProbFormula(values).map { logProb in
      // All axes have to be there to be summed over: a distribution may have left out some that it is constant along.
      guard logProb.isValid, let shape = graph.broadcastShape([logProb.shape, values.shape.dropLast(innerRank)]) else {
        return graph.invalid()
      }
      return logProb.broadcast(to: shape).sum(axes: (0..<sampleShape.rank).map { -1 - batchRank - $0 })
    }
  }
  public func meanFormula() -> Tensor? { repeated(distribution.meanFormula()) }
  public func modeFormula() -> Tensor? { repeated(distribution.modeFormula()) }
  public func varianceFormula() -> Tensor? { repeated(distribution.varianceFormula()) }
  public func stddevFormula() -> Tensor? { repeated(distribution.stddevFormula()) }
  public func entropyFormula() -> Tensor? { distribution.entropyFormula().map { count * $0 } }
}
