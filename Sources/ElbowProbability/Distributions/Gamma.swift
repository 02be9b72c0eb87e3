import ElbowArrays
import ElbowGraph

/// The gamma distribution.
///
///     p(x) = rate^a x^(a-1) exp(-rate x) / gamma(a),  a = concentration, x >= 0
///
/// `concentration` and `rate` broadcast to the batch shape; an event is a scalar. Gradients flow through samples by implicit
/// reparameterisation. The mode is NaN where the density has none.
public struct Gamma: Distribution {
  /// The shape a, positive.
  public let concentration: Tensor
  /// One over the scale, positive.
  public let rate: Tensor
  public let traits: DistributionTraits
  public var support: ValueSupport? { .notNegative("Gamma") }

  /// A distribution of each `concentration` and `rate`.
  public init(concentration: some TensorConvertible, rate: some TensorLike = 1.0, name: String? = nil) {
    self.init(
      in: concentration.tensor.graph, concentration: concentration.tensor, rate: rate,
      dtype: concentration.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Gamma(in: graph, concentration: 1, rate: 1)`.
  public init(
    in graph: Graph, concentration: some TensorLike, rate: some TensorLike = 1.0, dtype: DType? = nil,
    name: String? = nil
  ) {
    var table = ParameterTable("Gamma", in: graph, dtype: dtype)
    self.concentration = table.add("concentration", concentration, .positive)
    self.rate = table.add("rate", rate, .positive)
    traits = table.traits(name: name)
  }

  /// A cumulative function of rate x.
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...(.infinity), safe: 1) { formula(rate * $0) }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { graph.randomGamma(shape, concentration: concentration) / rate }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: (x < 0) .| (x .== .infinity), safe: 1, value: -.infinity) { x in
      weightedLog(concentration - 1, x) - rate * x + (concentration * log(rate) - lgamma(concentration))
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { igamma(concentration, $0) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { tails(.logCDF, x) { logIgamma(concentration, $0) } }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.survival, x) { igammac(concentration, $0) }
  }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.logSurvival, x) { logIgammac(concentration, $0) }
  }
  public func quantileFormula(_ p: Tensor) -> Tensor? { igammainv(concentration, p) / rate }
  public func meanFormula() -> Tensor? { concentration / rate }
  public func modeFormula() -> Tensor? {
    select(concentration > 1, (concentration - 1) / rate, concentration.scalar(.nan))
  }
  public func varianceFormula() -> Tensor? { concentration / (rate * rate) }
  public func stddevFormula() -> Tensor? { sqrt(concentration) / rate }
  public func entropyFormula() -> Tensor? {
    concentration - log(rate) + lgamma(concentration) + (1 - concentration) * digamma(concentration)
  }
}

extension Gamma {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Gamma(concentration: $0[0], rate: $0[1]) }
  ]
}
