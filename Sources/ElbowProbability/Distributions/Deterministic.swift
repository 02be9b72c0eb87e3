import ElbowArrays
import ElbowGraph

/// The distribution whose only value is `loc`.
///
///     P(X = loc) = 1
///
/// `loc` is the batch; an event is a scalar.
public struct Deterministic: Distribution {
  /// The value.
  public let loc: Tensor
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { nil }

  /// A distribution of each `loc`.
  public init(loc: some TensorConvertible, name: String? = nil) {
    self.init(in: loc.tensor.graph, loc: loc.tensor, dtype: loc.tensor.dtype, name: name)
  }

  /// A distribution whose parameters may be numbers: `Deterministic(in: graph, loc: 0)`.
  public init(in graph: Graph, loc: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Deterministic", in: graph, dtype: dtype)
    self.loc = table.add("loc", loc)
    traits = table.traits(name: name)
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { loc.broadcast(to: shape) }
  public func logProbFormula(_ x: Tensor) -> Tensor? { select(x .== loc, x.scalar(0), x.scalar(-.infinity)) }
  public func cdfFormula(_ x: Tensor) -> Tensor? { select(x >= loc, x.scalar(1), x.scalar(0)) }
  public func meanFormula() -> Tensor? { loc }
  public func modeFormula() -> Tensor? { loc }
  public func varianceFormula() -> Tensor? { loc.zerosLike() }
  public func entropyFormula() -> Tensor? { loc.zerosLike() }
}

extension Deterministic {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { Deterministic(loc: $0[0]) }
  ]
}
