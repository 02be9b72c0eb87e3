import ElbowArrays
import ElbowGraph

/// The Gumbel distribution of largest values.
///
///     p(x) = exp(-z - exp(-z)) / scale,  z = (x - loc) / scale
///
/// `loc` and `scale` broadcast to the batch shape; an event is a scalar.
public struct Gumbel: Distribution {
  /// The location.
  public let loc: Tensor
  /// The scale, positive.
  public let scale: Tensor
  public let traits: DistributionTraits

  /// A distribution of each `loc` and `scale`.
  public init(loc: some TensorConvertible, scale: some TensorLike, name: String? = nil) {
    self.init(in: loc.tensor.graph, loc: loc.tensor, scale: scale, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Gumbel(in: graph, loc: 0, scale: 1)`.
  public init(
    in graph: Graph, loc: some TensorLike, scale: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("Gumbel", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  private func standardized(_ x: Tensor) -> Tensor { (x - loc) / scale }

  /// log P(X <= x).
  private func logLower(_ x: Tensor) -> Tensor { -exp(-standardized(x)) }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: x .== -.infinity, safe: 0, value: -.infinity) { x in
      let z = standardized(x)
      return -(z + exp(-z)) - log(scale)
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { exp(logLower(x)) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { logLower(x) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { -expm1(logLower(x)) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { logOneMinusExpMinusExp(-standardized(x)) }
  public func quantileFormula(_ p: Tensor) -> Tensor? { loc - scale * log(-log(p)) }
  public func meanFormula() -> Tensor? { loc + scale * Double.eulerGamma }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { scale * scale * (Double.pi * Double.pi / 6) }
  public func stddevFormula() -> Tensor? { scale * (Double.pi / 6.0.squareRoot()) }
  public func entropyFormula() -> Tensor? { log(scale) + (1 + Double.eulerGamma) }
}

extension Gumbel {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Gumbel(loc: $0[0], scale: $0[1]) }
  ]
}
