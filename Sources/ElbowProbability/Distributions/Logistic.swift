import ElbowArrays
import ElbowGraph

/// The logistic distribution.
///
///     p(x) = exp(-z) / (scale (1 + exp(-z))^2),  z = (x - loc) / scale
///
/// `loc` and `scale` broadcast to the batch shape; an event is a scalar.
public struct Logistic: Distribution {
  /// The location.
  public let loc: Tensor
  /// The scale, positive.
  public let scale: Tensor
  public let traits: DistributionTraits

  /// A distribution of each `loc` and `scale`.
  public init(loc: some TensorConvertible, scale: some TensorLike, name: String? = nil) {
    self.init(in: loc.tensor.graph, loc: loc.tensor, scale: scale, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Logistic(in: graph, loc: 0, scale: 1)`.
  public init(
    in graph: Graph, loc: some TensorLike, scale: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("Logistic", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  private func standardized(_ x: Tensor) -> Tensor { (x - loc) / scale }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? { standardLogisticLogProb(standardized(x)) - log(scale) }
  public func cdfFormula(_ x: Tensor) -> Tensor? { sigmoid(standardized(x)) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { logSigmoid(standardized(x)) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { sigmoid(-standardized(x)) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { logSigmoid(-standardized(x)) }
  public func quantileFormula(_ p: Tensor) -> Tensor? { loc + scale * (log(p) - log1p(-p)) }
  public func meanFormula() -> Tensor? { loc }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { scale * scale * (Double.pi * Double.pi / 3) }
  public func stddevFormula() -> Tensor? { scale * (Double.pi / 3.0.squareRoot()) }
  public func entropyFormula() -> Tensor? { log(scale) + 2 }
}

extension Logistic {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Logistic(loc: $0[0], scale: $0[1]) }
  ]
}
