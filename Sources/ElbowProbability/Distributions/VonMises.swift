import ElbowArrays
import ElbowGraph

/// The von Mises distribution of angles, the normal distribution's like on the circle.
///
///     p(x) = exp(concentration cos(x - loc)) / (2 pi I_0(concentration))
///
/// The parameters broadcast to the batch shape; an event is a scalar. The density has the period 2 pi. Samples lie
/// within pi of `loc`, and gradients flow through them by implicit reparameterisation; the cdf is 0 at loc - pi and 1
/// at loc + pi, and goes on as cdf(x + 2 pi) = cdf(x) + 1. Mean and mode are `loc`, and the variance is the circular
/// one, 1 - I_1 / I_0.
public struct VonMises: Distribution {
  /// The angle in the middle.
  public let loc: Tensor
  /// Near one over the variance where large; 0 for the uniform distribution.
  public let concentration: Tensor
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { Bijectors.Sigmoid(low: -Double.pi, high: Double.pi) }

  /// A distribution of each `loc` and `concentration`.
  public init(loc: some TensorConvertible, concentration: some TensorLike, name: String? = nil) {
    self.init(
      in: loc.tensor.graph, loc: loc.tensor, concentration: concentration, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `VonMises(in: graph, loc: 0, concentration: 1)`.
  public init(
    in graph: Graph, loc: some TensorLike, concentration: some TensorLike, dtype: DType? = nil,
    name: String? = nil
  ) {
    var table = ParameterTable("VonMises", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc)
    self.concentration = table.add("concentration", concentration, .nonNegative)
    traits = table.traits(name: name)
  }

  /// log I_0(concentration) - concentration.
  var logNormalizer: Tensor { log(scaledBesselI0(concentration)) }
  /// 1 - I_1(concentration) / I_0(concentration).
  var circularVariance: Tensor {
    // From 500 on by the asymptotic series (DLMF 10.40.1), where the ratio is too near 1.
    let isLarge = concentration > 500
    let (usual, s) = (select(isLarge, concentration.scalar(500), concentration), 1 / maximum(concentration, 500))
    let series = s * polynomial(s, [0.5, 0.125, 0.125, 0.1953125, 0.40625])
    return select(isLarge, series, 1 - i1e(usual) / scaledBesselI0(usual))
  }

  /// The angle from `loc`, and the whole turns that were taken from it.
  private func turned(_ x: Tensor) -> (angle: Tensor, turns: Tensor) {
    let angle = x - loc
    let turns = round(stopGradient(angle) / (2 * Double.pi))
    return (angle - (2 * Double.pi) * turns, turns)
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let s = sin(0.5 * (x - loc))
    return -2 * concentration * s * s - (logNormalizer + Double.log2Pi)
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? {
    let (angle, turns) = turned(x)
    return turns + VonMisesIntegral(concentration).lower(angle)
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? {
    let (angle, turns) = turned(x)
    return VonMisesIntegral(concentration).lower(-angle) - turns
  }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    let (angle, turns) = turned(x)
    return VonMisesIntegral(concentration).logLower(angle, turns)
  }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    let (angle, turns) = turned(x)
    return VonMisesIntegral(concentration).logLower(-angle, -turns)
  }
  public func quantileFormula(_ p: Tensor) -> Tensor? {
    let angle = VonMisesIntegral(stopGradient(concentration)).quantile(stopGradient(p))
    let integral = VonMisesIntegral(concentration)
    return loc + angle.solving { (residual: integral.lower($0) - p, slope: integral.density($0)) }
  }
  public func meanFormula() -> Tensor? { loc }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { circularVariance }
  public func entropyFormula() -> Tensor? { Double.log2Pi + logNormalizer + concentration * circularVariance }
}

/// exp(-x) I_0(x) for x >= 0, whose derivative at 0 is that from above, -1, not the even function's, 0.
func scaledBesselI0(_ x: Tensor) -> Tensor {
  let isZero = x .== 0
  return select(isZero, 1 - x, i0e(select(isZero, x.onesLike(), x)))
}

extension VonMises {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { VonMises(loc: $0[0], concentration: $0[1]) }
  ]
}
