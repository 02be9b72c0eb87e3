import ElbowArrays
import ElbowGraph

/// The Laplace distribution.
///
///     p(x) = exp(-|x - loc| / scale) / (2 scale)
///
/// `loc` and `scale` broadcast to the batch shape; an event is a scalar.
public struct Laplace: Distribution {
  /// The location.
  public let loc: Tensor
  /// The scale, positive.
  public let scale: Tensor
  public let traits: DistributionTraits

  /// A distribution of each `loc` and `scale`.
  public init(loc: some TensorConvertible, scale: some TensorLike, name: String? = nil) {
    self.init(in: loc.tensor.graph, loc: loc.tensor, scale: scale, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Laplace(in: graph, loc: 0, scale: 1)`.
  public init(
    in graph: Graph, loc: some TensorLike, scale: some TensorLike, dtype: DType? = nil, name: String? = nil
  ) {
    var table = ParameterTable("Laplace", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc)
    self.scale = table.add("scale", scale, .positive)
    traits = table.traits(name: name)
  }

  private func standardized(_ x: Tensor) -> Tensor { (x - loc) / scale }

  public func sampleFormula(_ shape: Shape) -> Tensor? { quantileFormula(uniform(shape)) }
  public func logProbFormula(_ x: Tensor) -> Tensor? { -abs(standardized(x)) - (log(scale) + Double.ln2) }
  public func cdfFormula(_ x: Tensor) -> Tensor? { lower(standardized(x)) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { logLower(standardized(x)) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { lower(-standardized(x)) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { logLower(-standardized(x)) }
  public func quantileFormula(_ p: Tensor) -> Tensor? {
    let isLower = p < 0.5
    let size = log(2 * select(isLower, p, 1 - p))
    return loc + scale * select(isLower, size, -size)
  }
  public func meanFormula() -> Tensor? { loc }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { 2 * scale * scale }
  public func stddevFormula() -> Tensor? { 2.0.squareRoot() * scale }
  public func entropyFormula() -> Tensor? { log(scale) + (1 + Double.ln2) }

  /// P(Z <= z) of the standard distribution.
  private func lower(_ z: Tensor) -> Tensor {
    let tail = 0.5 * exp(negativeMagnitude(z))
    return select(z < 0, tail, 1 - tail)
  }
  private func logLower(_ z: Tensor) -> Tensor {
    select(z < 0, z - Double.ln2, log1p(-0.5 * exp(negativeMagnitude(z))))
  }
}

extension Laplace {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(2) { Laplace(loc: $0[0], scale: $0[1]) }
  ]
}
