import ElbowArrays
import ElbowGraph

/// The inverse gamma distribution: that of one over a gamma variate.
///
///     p(x) = scale^a x^(-a-1) exp(-scale / x) / gamma(a),  a = concentration, x > 0
///
/// `concentration` and `scale` broadcast to the batch shape; an event is a scalar. Mean and variance are NaN where they are
/// not finite. Gradients flow through samples.
public struct InverseGamma: Distribution {
  /// The shape a, positive.
  public let concentration: Tensor
  /// The scale, positive.
  public let scale: Tensor
  public let traits: DistributionTraits
  public var support: ValueSupport? { .notNegative("InverseGamma") }

  /// A distribution of each `concentration` and `scale`.
  public init(concentration: some TensorConvertible, scale: some TensorLike = 1.0, name: String? = nil) {
    self.init(
      in: concentration.tensor.graph, concentration: concentration.tensor, scale: scale,
      dtype: concentration.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `InverseGamma(in: graph, concentration: 1, scale: 1)`.
  public init(
    in graph: Graph, concentration: some TensorLike, scale: some TensorLike = 1.0, dtype: DType? = nil,
    name: String? = nil
  ) {
    var table = ParameterTable("InverseGamma", in: graph, dtype: dtype)
    self.concentration = table.add("concentration", concentration, .positive)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  /// A cumulative function of scale / x.
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, on: 0...(.infinity), safe: 1) { formula(scale / $0) }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    scale / graph.randomGamma(shape, concentration: concentration)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: x <= 0, safe: 1, value: -.infinity) { x in
      concentration * log(scale) - lgamma(concentration) - (concentration + 1) * log(x) - scale / x
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { igammac(concentration, $0) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { tails(.logCDF, x) { logIgammac(concentration, $0) } }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.survival, x) { igamma(concentration, $0) }
  }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.logSurvival, x) { logIgamma(concentration, $0) }
  }
  public func quantileFormula(_ p: Tensor) -> Tensor? { scale / igammacinv(concentration, p) }
  public func meanFormula() -> Tensor? {
    select(concentration > 1, scale / (concentration - 1), scale.scalar(.nan))
  }
  public func modeFormula() -> Tensor? { scale / (concentration + 1) }
  public func varianceFormula() -> Tensor? {
    let ratio = scale / (concentration - 1)
    return select(concentration > 2, ratio * ratio / (concentration - 2), scale.scalar(.nan))
  }
  public func entropyFormula() -> Tensor? {
    concentration + log(scale) + lgamma(concentration) - (1 + concentration) * digamma(concentration)
  }
}

extension InverseGamma {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { InverseGamma(concentration: $0[0], scale: $0[1]) }
  ]
}
