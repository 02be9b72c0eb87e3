import ElbowArrays
import ElbowGraph

/// The chi-squared distribution: that of the sum of the squares of `df` standard normal variates.
///
///     p(x) = x^(df/2-1) exp(-x/2) / (2^(df/2) gamma(df/2)),  x >= 0
///
/// `df` is the batch; an event is a scalar. It is ``Gamma`` with the concentration df/2 and the rate 1/2.
public struct Chi2: Distribution {
  /// The degrees of freedom, positive.
  public let df: Tensor
  /// The same as a gamma distribution.
  let gamma: Gamma
  public let traits: DistributionTraits
  public var support: ValueSupport? { .notNegative("Chi2") }

  /// A distribution of each `df`.
  public init(df: some TensorConvertible, name: String? = nil) {
    self.init(in: df.tensor.graph, df: df.tensor, dtype: df.tensor.dtype, name: name)
  }

  /// A distribution whose parameter may be numbers: `Chi2(in: graph, df: 3)`.
  public init(in graph: Graph, df: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Chi2", in: graph, dtype: dtype)
    let df = table.add("df", df, .positive)
    self.df = df
    traits = table.traits(name: name)
    gamma = graph.located { Gamma(concentration: 0.5 * df, rate: 0.5) }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { gamma.sampleFormula(shape) }
  public func logProbFormula(_ x: Tensor) -> Tensor? { gamma.logProbFormula(x) }
  public func cdfFormula(_ x: Tensor) -> Tensor? { gamma.cdfFormula(x) }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { gamma.logCDFFormula(x) }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { gamma.survivalFunctionFormula(x) }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? { gamma.logSurvivalFunctionFormula(x) }
  public func quantileFormula(_ p: Tensor) -> Tensor? { gamma.quantileFormula(p) }
  public func meanFormula() -> Tensor? { df }
  public func modeFormula() -> Tensor? { gamma.modeFormula() }
  public func varianceFormula() -> Tensor? { 2 * df }
  public func stddevFormula() -> Tensor? { sqrt(2 * df) }
  public func entropyFormula() -> Tensor? { gamma.entropyFormula() }
}

extension Chi2 {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { Chi2(df: $0[0]) }
  ]
}
