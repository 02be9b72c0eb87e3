import ElbowArrays
import ElbowGraph

/// A mixture of distributions of any types.
///
///     p(x) = sum_i probs[i] p_i(x)
///
/// The components have one event shape and one dtype; their batches broadcast with that of `cat`. Where all are of one type,
/// ``MixtureSameFamily`` takes fewer operations.
public struct Mixture: Distribution {
  /// With what probability a draw comes from each component.
  public let cat: Categorical
  /// One distribution for each category.
  public let components: [any Distribution]
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { components.first?.defaultEventSpaceBijector }
  public var parts: [any Distribution] { [cat] + components }

  /// A mixture of some distributions.
  public init(cat: Categorical, components: [any Distribution], name: String? = nil) {
    self.cat = cat
    self.components = components
    let batch = Self.batchShape(cat, components)
    let first = components.first
    traits = DistributionTraits(
      typeName: "Mixture", name: name ?? "Mixture", graph: cat.graph, batchShape: batch ?? .scalar,
      eventShape: first?.eventShape ?? .scalar, dtype: first?.dtype ?? cat.dtype,
      parameterDType: cat.traits.parameterDType, isValid: batch != nil)
  }

  /// The batch shape of all; nil, with a recorded mistake, if they do not fit.
  private static func batchShape(_ cat: Categorical, _ components: [any Distribution]) -> Shape? {
    let graph = cat.graph
    guard cat.isValid, components.allSatisfy(\.isValid) else { return nil }
    func refuse(_ kind: ElbowError.Kind, _ message: String) -> Shape? {
      _ = graph.invalid(kind, "Mixture(cat:components:): " + message)
      return nil
    }
    guard let first = components.first, cat.categoryCount.canEqual(Dimension(components.count)) else {
      return refuse(
        .shape, "there are \(components.count) components for the \(cat.categoryCount) categories of the mixture.")
    }
    guard components.allSatisfy({ $0.graph === graph }) else {
      return refuse(.invalidArgument, "the mixture and the components belong to different graphs.")
    }
    for other in components {
      let isAlike =
        other.eventShape == first.eventShape && other.dtype == first.dtype
        && other.traits.parameterDType == cat.traits.parameterDType
      guard isAlike else {
        return refuse(
          .shape,
          "the components need one event shape and one dtype, and parameters of \(cat.traits.parameterDType) as the "
            + "mixture's, but there are \(first) and \(other).")
      }
    }
    guard let batch = graph.broadcastShape([cat.batchShape] + components.map(\.batchShape)) else {
      return refuse(
        .shape,
        "the batch shapes \(([cat] + components).map(\.batchShape.description).joined(separator: ", ")) do not "
          + "broadcast.")
    }
    return batch
  }

  private var eventRank: Int { eventShape.rank }

  /// Results of all components side by side, with an axis for them before the last `following`; nil if one has none.
  private func stacked(
    _ following: Int, shape: Shape? = nil, _ result: (any Distribution) -> Tensor?
  ) -> Tensor? {
    let results = components.compactMap(result)
    guard results.count == components.count else { return nil }
    guard results.allSatisfy(\.isValid), let shape = shape ?? graph.broadcastShape(results.map(\.shape)) else {
      return graph.invalid()
    }
    return stack(results.map { $0.broadcast(to: shape) }, axis: shape.rank - following)
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    let outer = shape.dropLast(eventRank)
    return stacked(eventRank, shape: shape) { $0.sampleFormula(shape) }.map { cat.selected($0, outer: outer) }
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    stacked(0) { $0.logProbFormula(x) }.map(cat.logAverage)
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { stacked(0) { $0.cdfFormula(x) }.map { cat.average($0) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { logShares(x).map { logShare($0.lower, rest: $0.upper) } }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? {
    stacked(0) { $0.survivalFunctionFormula(x) }.map { cat.average($0) }
  }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    logShares(x).map { logShare($0.upper, rest: $0.lower) }
  }
  /// log P(X <= x) and log P(X > x); that near 0 has lost its digits.
  private func logShares(_ x: Tensor) -> (lower: Tensor, upper: Tensor)? {
    guard let lower = stacked(0, { $0.logCDFFormula(x) }), let upper = stacked(0, { $0.logSurvivalFunctionFormula(x) })
    else { return nil }
    return (cat.logAverageOfTails(lower), cat.logAverageOfTails(upper))
  }
  private var means: Tensor? { stacked(eventRank, shape: batchShape + eventShape) { $0.meanFormula() } }
  public func meanFormula() -> Tensor? { means.map { cat.average($0, following: eventRank) } }
  public func varianceFormula() -> Tensor? {
    let variances = stacked(eventRank, shape: batchShape + eventShape) { $0.varianceFormula() }
    guard let means, let variances else { return nil }
    return cat.totalVariance(means: means, variances: variances, following: eventRank)
  }
  public func covarianceFormula() -> Tensor? {
    let square = batchShape + eventShape + eventShape
    guard eventRank == 1, let means, let covariances = stacked(2, shape: square, { $0.covarianceFormula() })
    else { return nil }
    return cat.totalCovariance(means: means, covariances: covariances)
  }
}
