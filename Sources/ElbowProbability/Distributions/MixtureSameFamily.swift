import ElbowArrays
import ElbowGraph

/// A mixture of distributions of one type.
///
///     p(x) = sum_i probs[i] p_i(x)
///
/// The components are the last batch axis of `componentsDistribution`, one for each category of `mixtureDistribution`;
/// the axes before are the batch, and the mixture's broadcast with them.
///
/// Gradients flow through samples to the components that were drawn, but not to the weights; with `reparameterize` they
/// are those of the whole distribution, by implicit reparameterisation (Figurnov, Mohamed, Mnih 2018). It takes scalar
/// events, and vectors whose elements are independent within a component.
public struct MixtureSameFamily: Distribution {
  /// With what probability a draw comes from each component.
  public let mixtureDistribution: Categorical
  /// The components, as the last axis of the batch.
  public let componentsDistribution: any Distribution
  /// Whether gradients through samples are those of the whole distribution, weights included.
  public let reparameterize: Bool
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { componentsDistribution.defaultEventSpaceBijector }
  public var parts: [any Distribution] { [mixtureDistribution, componentsDistribution] }

  /// A mixture of the components in the last batch axis of a distribution.
  public init(
    mixtureDistribution mixture: Categorical, componentsDistribution components: any Distribution,
    reparameterize: Bool = false, name: String? = nil
  ) {
    mixtureDistribution = mixture
    componentsDistribution = components
    let graph = components.graph
    self.reparameterize = reparameterize
    var batch = Self.batchShape(mixture, components)
    if reparameterize, batch != nil, MixtureReparameterization.elements(of: components) == nil {
      _ = graph.invalid(
        .invalidArgument,
        "MixtureSameFamily(mixtureDistribution:componentsDistribution:reparameterize:): samples can be reparameterised "
          + "where the elements of an event are independent in each component - scalars, MultivariateNormalDiag, or "
          + "Independent with one reinterpreted axis - and have a cdf, but the components are \(components).")
      batch = nil
    }
    traits = DistributionTraits(
      typeName: "MixtureSameFamily", name: name ?? "MixtureSameFamily", graph: graph, batchShape: batch ?? .scalar,
      eventShape: components.eventShape, dtype: components.dtype, parameterDType: components.traits.parameterDType,
      isValid: batch != nil)
  }

  /// The shape without the components' axis; nil, with a recorded mistake, if the parts do not fit.
  private static func batchShape(_ mixture: Categorical, _ components: any Distribution) -> Shape? {
    guard mixture.isValid, components.isValid else { return nil }
    let graph = components.graph
    func refuse(_ kind: ElbowError.Kind, _ message: String) -> Shape? {
      _ = graph.invalid(kind, "MixtureSameFamily(mixtureDistribution:componentsDistribution:): " + message)
      return nil
    }
    guard mixture.graph === graph else {
      return refuse(.invalidArgument, "the mixture and the components belong to different graphs.")
    }
    guard mixture.traits.parameterDType == components.traits.parameterDType else {
      return refuse(
        .dtype,
        "the mixture's parameters are \(mixture.traits.parameterDType), the components' "
          + "\(components.traits.parameterDType); convert one with cast(to:).")
    }
    let shape = components.batchShape
    guard shape.rank >= 1, shape[-1].canEqual(mixture.categoryCount) else {
      return refuse(
        .shape,
        "the last batch axis of \(components) has to be the \(mixture.categoryCount) categories of the mixture.")
    }
    guard let batch = graph.broadcastShape([mixture.batchShape, shape.dropLast(1)]) else {
      return refuse(
        .shape,
        "the mixture's batch shape \(mixture.batchShape) does not broadcast with that of the components, "
          + "\(shape.dropLast(1)).")
    }
    return batch
  }

  private var eventRank: Int { componentsDistribution.eventShape.rank }

  /// A value with an axis for the components after the batch.
  private func spread(_ x: Tensor) -> Tensor { x.expandedDims(x.rank - eventRank) }

  /// A moment of every component, `componentBatch + event`, or + `event + event`.
  private func ofComponents(_ moment: Tensor?, _ eventAxes: Int = 1) -> Tensor? {
    let components = componentsDistribution
    let events = (0..<eventAxes).reduce(Shape.scalar) { shape, _ in shape + components.eventShape }
    return moment.map { $0.isValid ? $0.broadcast(to: components.batchShape + events) : $0 }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    let (outer, event) = (shape.dropLast(eventRank), shape.suffix(eventRank))
    // Every one of the batch draws a component of its own, even where they share the mixture's weights.
    let draws = componentsDistribution.sampleFormula(outer + [mixtureDistribution.categoryCount] + event)
      .map { mixtureDistribution.selected($0, outer: outer) }
    guard reparameterize, let draws, let elements = MixtureReparameterization.elements(of: componentsDistribution)
    else { return draws }
    return MixtureReparameterization(mixture: mixtureDistribution, elements: elements, isOfVectors: eventRank > 0)
      .reparameterized(draws)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    componentsDistribution.logProbFormula(spread(x)).map(mixtureDistribution.logAverage)
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? {
    componentsDistribution.cdfFormula(spread(x)).map { mixtureDistribution.average($0) }
  }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    logShares(x).map { logShare($0.lower, rest: $0.upper) }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? {
    componentsDistribution.survivalFunctionFormula(spread(x)).map { mixtureDistribution.average($0) }
  }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    logShares(x).map { logShare($0.upper, rest: $0.lower) }
  }
  /// log P(X <= x) and log P(X > x); that near 0 has lost its digits.
  private func logShares(_ x: Tensor) -> (lower: Tensor, upper: Tensor)? {
    guard let lower = componentsDistribution.logCDFFormula(spread(x)),
      let upper = componentsDistribution.logSurvivalFunctionFormula(spread(x))
    else { return nil }
    return (mixtureDistribution.logAverageOfTails(lower), mixtureDistribution.logAverageOfTails(upper))
  }
  public func meanFormula() -> Tensor? {
    ofComponents(componentsDistribution.meanFormula()).map { mixtureDistribution.average($0, following: eventRank) }
  }
  public func varianceFormula() -> Tensor? {
    guard let means = ofComponents(componentsDistribution.meanFormula()),
      let variances = ofComponents(componentsDistribution.varianceFormula())
    else { return nil }
    return mixtureDistribution.totalVariance(means: means, variances: variances, following: eventRank)
  }
  public func covarianceFormula() -> Tensor? {
    guard eventRank == 1, let means = ofComponents(componentsDistribution.meanFormula()),
      let covariances = ofComponents(componentsDistribution.covarianceFormula(), 2)
    else { return nil }
    return mixtureDistribution.totalCovariance(means: means, covariances: covariances)
  }
}
