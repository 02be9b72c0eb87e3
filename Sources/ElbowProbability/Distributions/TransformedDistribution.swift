import ElbowArrays
import ElbowGraph

/// The distribution of y = bijector(x), where x has another distribution.
///
///     log p(y) = log p_distribution(x) + log |det dx/dy|,  x = the inverse of y
///
/// If the bijector maps events of more axes than the distribution has, the last batch axes of the distribution count as
/// axes of the event. The batch axes of the bijector's parameters broadcast with those of the distribution.
///
/// Cumulative functions and quantiles are defined for bijectors of single numbers that rise everywhere or fall
/// everywhere; mean, mode and entropy for those with a constant Jacobian, and variance and standard deviation for those
/// of them that are of single numbers. A y outside the bijector's range has the log probability -infinity.
public struct TransformedDistribution: Distribution {
  /// The distribution of x.
  public let distribution: any Distribution
  /// The map from x to y.
  public let bijector: any Bijector
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? {
    distribution.defaultEventSpaceBijector.map { Bijectors.Chain([bijector, $0]) }
  }
  public var parts: [any Distribution] { [distribution] }
  public var bijectors: [any Bijector] { [bijector] }

  /// The distribution of x, with as many event axes as the bijector needs.
  let base: any Distribution

  /// The distribution of what `bijector` makes of draws of `distribution`.
  public init(_ distribution: any Distribution, bijector: any Bijector, name: String? = nil) {
    self.distribution = distribution
    self.bijector = bijector
    let graph = distribution.graph
    let missing = max(0, bijector.forwardMinEventNDims - distribution.eventShape.rank)
    let fits = missing <= distribution.batchShape.rank
    if !fits && distribution.isValid {
      _ = graph.invalid(
        .shape,
        "TransformedDistribution(_:bijector:): \(bijector) maps events of at least "
          + "\(bijector.forwardMinEventNDims) axes, but \(distribution) has \(distribution.eventShape.rank) "
          + "event axes and \(distribution.batchShape.rank) batch axes.")
    }
    let base: any Distribution =
      fits && missing > 0 ? Independent(distribution, reinterpretedBatchNDims: missing) : distribution
    self.base = base
    // The image of any draw has the shapes; nothing computes it.
    let (batch, event) = (base.batchShape, base.eventShape)
    let image = graph.located {
      fits && base.isValid
        ? bijector.forward(graph.zeros(batch + event, dtype: base.traits.parameterDType)) : graph.invalid()
    }
    let eventNDims = event.rank + bijector.addedNDims
    let isValid = image.isValid && image.rank >= eventNDims
    traits = DistributionTraits(
      typeName: "TransformedDistribution", name: name ?? bijector.name + distribution.name, graph: graph,
      batchShape: isValid ? image.shape.dropLast(eventNDims) : .scalar,
      eventShape: isValid ? image.shape.suffix(eventNDims) : .scalar,
      dtype: base.dtype, parameterDType: base.traits.parameterDType, isValid: isValid)
  }

  /// The inverse of y and log |det dx/dy| there.
  private func pulledBack(_ y: Tensor) -> (x: Tensor, logDet: Tensor) {
    (bijector.inverse(y), bijector.inverseLogDetJacobian(y, eventNDims: eventShape.rank))
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { sampleOfBase(shape).map { bijector.forward($0) } }

  private func sampleOfBase(_ shape: Shape) -> Tensor? {
    base.sampleFormula(shape.dropLast(eventShape.rank) + base.eventShape)
  }

  public func sampleAndLogProbFormula(_ shape: Shape) -> (sample: Tensor, logProb: Tensor)? {
    let baseShape = shape.dropLast(eventShape.rank) + base.eventShape
    guard
      let (x, logProb) = base.sampleAndLogProbFormula(baseShape)
        ?? base.sampleFormula(baseShape).flatMap({ x in base.logProbFormula(x).map { (x, $0) } })
    else { return nil }
    return (
      bijector.forward(x), logProb - bijector.forwardLogDetJacobian(x, eventNDims: base.eventShape.rank)
    )
  }

  public func logProbFormula(_ y: Tensor) -> Tensor? {
    guard let isInRange = range(y) else {
      let (x, logDet) = pulledBack(y)
      return base.logProbFormula(x).map { $0 + logDet }
    }
    // Outside, the formulas see a number from within.
    let (x, logDet) = pulledBack(select(isInRange, y, bijector.forward(y.scalar(0.5))))
    guard let logProb = base.logProbFormula(x) else { return nil }
    let isEventInRange =
      select(isInRange, y.scalar(1), y.scalar(0)).min(axes: (0..<eventShape.rank).map { -1 - $0 }) > 0
    return select(isEventInRange, logProb + logDet, y.scalar(-.infinity))
  }

  /// Where elements of y are in the bijector's range. Nil if they all are for certain, as what it has made is.
  private func range(_ y: Tensor) -> Tensor? {
    let isOfNumbers = bijector.forwardMinEventNDims == 0 && bijector.inverseMinEventNDims == 0
    return isOfNumbers && bijector.traits.image(of: y, .inverse) == nil ? bijector.rangeFormula(y) : nil
  }

  public func cdfFormula(_ y: Tensor) -> Tensor? {
    cumulative(.cdf, y, rising: base.cdfFormula, falling: base.survivalFunctionFormula)
  }
  public func logCDFFormula(_ y: Tensor) -> Tensor? {
    cumulative(.logCDF, y, rising: base.logCDFFormula, falling: base.logSurvivalFunctionFormula)
  }
  public func survivalFunctionFormula(_ y: Tensor) -> Tensor? {
    cumulative(.survival, y, rising: base.survivalFunctionFormula, falling: base.cdfFormula)
  }
  public func logSurvivalFunctionFormula(_ y: Tensor) -> Tensor? {
    cumulative(.logSurvival, y, rising: base.logSurvivalFunctionFormula, falling: base.logCDFFormula)
  }

  /// A cumulative function of x: one where the map rises, the other where it falls.
  private func cumulative(
    _ function: CumulativeFunction, _ y: Tensor, rising: (Tensor) -> Tensor?, falling: (Tensor) -> Tensor?
  ) -> Tensor? {
    guard base.eventShape.rank == 0, let slope = bijector.slopeFormula(like: y) else { return nil }
    func value(_ y: Tensor) -> Tensor? {
      let x = bijector.inverse(y)
      // Each sees only what it is asked for, so that no gradient is zero times infinity.
      let (isRising, other) = (slope > 0, x.scalar(0.5))
      guard let whereRising = rising(select(isRising, x, other)),
        let whereFalling = falling(select(isRising, other, x))
      else { return nil }
      return select(isRising, whereRising, whereFalling)
    }
    guard let isInRange = range(y) else { return value(y) }
    // The range is an interval: what is outside lies on one side of any number from within.
    let inside = bijector.forward(y.scalar(0.5))
    guard let result = value(select(isInRange, y, inside)) else { return nil }
    let isBelow = .!isInRange .& (y < inside)
    return select(
      isBelow, y.scalar(function.below), select(.!isInRange .& (y > inside), y.scalar(function.above), result))
  }

  public func quantileFormula(_ p: Tensor) -> Tensor? {
    guard base.eventShape.rank == 0, let slope = bijector.slopeFormula(like: p) else { return nil }
    return base.quantileFormula(select(slope > 0, p, 1 - p)).map { bijector.forward($0) }
  }

  public func meanFormula() -> Tensor? { image(of: base.meanFormula()) }
  public func modeFormula() -> Tensor? { image(of: base.modeFormula()) }

  /// The image of a moment, if the map is affine.
  private func image(of moment: Tensor?) -> Tensor? {
    bijector.isConstantJacobian ? moment.map { bijector.forward(wide($0)) } : nil
  }

  public func varianceFormula() -> Tensor? { stddevFormula().map { $0 * $0 } }
  public func stddevFormula() -> Tensor? {
    guard bijector.isConstantJacobian, bijector.forwardMinEventNDims == 0, let stddev = base.stddevFormula() else {
      return nil
    }
    return stddev * exp(bijector.forwardLogDetJacobian(wide(stddev), eventNDims: 0))
  }
  public func entropyFormula() -> Tensor? {
    guard bijector.isConstantJacobian, let entropy = base.entropyFormula() else { return nil }
    let anywhere = graph.zeros(base.batchShape + base.eventShape, dtype: traits.parameterDType)
    return entropy + bijector.forwardLogDetJacobian(anywhere, eventNDims: base.eventShape.rank)
  }

  /// With all the axes of a draw of the base.
  private func wide(_ x: Tensor) -> Tensor { x.isValid ? x.broadcast(to: base.batchShape + base.eventShape) : x }
}
