import ElbowArrays
import ElbowGraph

/// The Pareto distribution.
///
///     p(x) = a scale^a / x^(a+1),  a = concentration, x >= scale
///
/// `concentration` and `scale` broadcast to the batch shape; an event is a scalar. Mean and variance are infinite where
/// their integrals are.
public struct Pareto: Distribution {
  /// The exponent a, positive.
  public let concentration: Tensor
  /// The smallest value, positive.
  public let scale: Tensor
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { Bijectors.Chain([Bijectors.Shift(scale), Bijectors.Exp()]) }
  public var support: ValueSupport? { .notNegative("Pareto") }

  /// A distribution of each `concentration` and `scale`.
  public init(concentration: some TensorConvertible, scale: some TensorLike = 1.0, name: String? = nil) {
    self.init(
      in: concentration.tensor.graph, concentration: concentration.tensor, scale: scale,
      dtype: concentration.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Pareto(in: graph, concentration: 1, scale: 1)`.
  public init(
    in graph: Graph, concentration: some TensorLike, scale: some TensorLike = 1.0, dtype: DType? = nil,
    name: String? = nil
  ) {
    var table = ParameterTable("Pareto", in: graph, dtype: dtype)
    self.concentration = table.add("concentration", concentration, .positive)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  /// A cumulative function, by log P(X > x) = -a log(x / scale), exact near 0.
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, isBelow: x <= scale, isAbove: x .== .infinity, safe: 2 * scale) {
      formula(-(concentration * log1p(($0 - scale) / scale)))
    }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { scale * exp(-log1p(-uniform(shape)) / concentration) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let isOutside = x < scale
    let inside = select(isOutside, scale, x)
    let value = log(concentration) - log(scale) - (concentration + 1) * log1p((inside - scale) / scale)
    return select(isOutside, x.scalar(-.infinity), value)
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { -expm1($0) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { tails(.logCDF, x) { log1mexp($0) } }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { exp($0) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.logSurvival, x) { $0 } }
  public func meanFormula() -> Tensor? {
    let isFinite = concentration > 1
    let safe = select(isFinite, concentration, concentration.scalar(2))
    return select(isFinite, scale * safe / (safe - 1), scale.scalar(.infinity))
  }
  public func modeFormula() -> Tensor? { scale }
  public func varianceFormula() -> Tensor? {
    let isFinite = concentration > 2
    let safe = select(isFinite, concentration, concentration.scalar(3))
    let ratio = scale / (safe - 1)
    return select(isFinite, ratio * ratio * safe / (safe - 2), scale.scalar(.infinity))
  }
}

extension Pareto {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Pareto(concentration: $0[0], scale: $0[1]) }
  ]
}
