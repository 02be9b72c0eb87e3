import ElbowArrays
import ElbowGraph

/// The Poisson distribution.
///
///     P(x) = rate^x exp(-rate) / x!,  x = 0, 1, 2, ...
///
/// The parameter is the batch; an event is a scalar, a whole number in floating point.
public struct Poisson: Distribution {
  /// The distribution's parameter, whichever was given.
  private enum Form {
    case rate(Tensor)
    case logRate(Tensor)
  }

  private let form: Form
  public let traits: DistributionTraits
  public var defaultEventSpaceBijector: (any Bijector)? { nil }
  public var support: ValueSupport? { .notNegative("Poisson") }

  /// A distribution of each rate.
  public init(rate: some TensorConvertible, name: String? = nil) {
    self.init(in: rate.tensor.graph, rate: rate.tensor, dtype: rate.tensor.dtype, name: name)
  }
  /// A distribution of each rate, which may be numbers.
  public init(in graph: Graph, rate: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Poisson", in: graph, dtype: dtype)
    form = .rate(table.add("rate", rate, .nonNegative))
    traits = table.traits(name: name)
  }

  /// A distribution of each logarithm of a rate.
  public init(logRate: some TensorConvertible, name: String? = nil) {
    self.init(in: logRate.tensor.graph, logRate: logRate.tensor, dtype: logRate.tensor.dtype, name: name)
  }
  /// A distribution of each logarithm of a rate, which may be numbers.
  public init(in graph: Graph, logRate: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Poisson", in: graph, dtype: dtype)
    form = .logRate(table.add("logRate", logRate))
    traits = table.traits(name: name)
  }

  /// The mean.
  public var rate: Tensor {
    graph.located {
      switch form {
      case .rate(let rate): rate
      case .logRate(let logRate): exp(logRate)
      }
    }
  }
  /// The logarithm of the mean.
  public var logRate: Tensor {
    graph.located {
      switch form {
      case .rate(let rate): log(rate)
      case .logRate(let logRate): logRate
      }
    }
  }
  /// A cumulative function of the number of values of at most x.
  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    cumulative(function, x, isBelow: x < 0, isAbove: x .== .infinity, safe: x.scalar(0)) { formula(floor($0) + 1) }
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? { graph.randomPoisson(shape, rate: rate) }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    within(x, outside: (x < 0) .| (x .== .infinity), safe: 0, value: -.infinity) { x in
      switch form {
      case .rate(let rate): xlogy(x, rate) - rate - lgamma(x + 1)
      case .logRate(let logRate): multiplyNoNaN(x, logRate) - exp(logRate) - lgamma(x + 1)
      }
    }
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { igammac($0, rate) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    tails(.logCDF, x) { logIgammac($0, rate) }
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { igamma($0, rate) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.logSurvival, x) { logIgamma($0, rate, logX: logRate) }
  }
  public func meanFormula() -> Tensor? { rate }
  public func modeFormula() -> Tensor? { floor(rate) }
  public func varianceFormula() -> Tensor? { rate }
}

extension Poisson {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { Poisson(rate: $0[0]) },
    DistributionConstructor(1) { Poisson(logRate: $0[0]) },
  ]
}
