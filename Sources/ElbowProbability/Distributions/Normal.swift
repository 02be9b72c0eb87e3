import ElbowArrays
import ElbowGraph

/// The normal distribution.
///
///     p(x) = exp(-((x - loc) / scale)^2 / 2) / (scale sqrt(2 pi))
///
/// `loc` and `scale` broadcast to the batch shape; an event is a scalar.
public struct Normal: Distribution {
  /// The mean.
  public let loc: Tensor
  /// The standard deviation, positive.
  public let scale: Tensor
  public let traits: DistributionTraits

  /// A normal distribution of each `loc` and `scale`.
  public init(loc: some TensorConvertible, scale: some TensorLike, name: String? = nil) {
    self.init(in: loc.tensor.graph, loc: loc.tensor, scale: scale, dtype: loc.tensor.dtype, name: name)
  }

  /// A normal distribution whose parameters may be numbers: `Normal(in: graph, loc: 0, scale: 1)`.
  public init(
    in graph: Graph, loc: some TensorLike, scale: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("Normal", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  /// The distance from `loc` in units of `scale`. Subtracting first is exact where the two are close.
  private func standardized(_ x: Tensor) -> Tensor { (x - loc) / scale }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    loc + scale * graph.randomNormal(shape, dtype: traits.parameterDType)
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let z = standardized(x)
    return -0.5 * z * z - (log(scale) + 0.5 * Double.log2Pi)
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { ndtr(standardized(x)) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { logNdtr(standardized(x)) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { ndtr(-standardized(x)) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { logNdtr(-standardized(x)) }
  public func quantileFormula(_ p: Tensor) -> Tensor? { loc + scale * ndtri(p) }
  public func meanFormula() -> Tensor? { loc }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { scale * scale }
  public func stddevFormula() -> Tensor? { scale }
  public func entropyFormula() -> Tensor? { log(scale) + 0.5 * (1 + Double.log2Pi) }
}

extension Normal {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Normal(loc: $0[0], scale: $0[1]) }
  ]
}
