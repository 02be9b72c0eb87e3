import ElbowArrays
import ElbowGraph

/// The categorical distribution over 0, ..., k - 1.
///
///     p(x) = probs[x] = exp(logits[x]) / sum_i exp(logits[i])
///
/// The parameter is `[..., k]`, of which the last axis is the categories and the axes before are the batch. An event is
/// a scalar, of dtype int32.
public struct Categorical: Distribution {
  /// The distribution's parameter, whichever was given.
  private enum Form {
    case logits(Tensor)
    case probs(Tensor)
  }

  private let form: Form
  public let traits: DistributionTraits
  public var support: ValueSupport? { isValid ? .classes(categoryCount, "Categorical") : nil }

  /// A distribution of each vector of logits: logarithms of the probabilities up to a constant.
  public init(logits: some TensorConvertible, name: String? = nil) {
    self.init(in: logits.tensor.graph, logits: logits.tensor, dtype: logits.tensor.dtype, name: name)
  }
  /// A distribution of each vector of logits, which may be numbers.
  public init(in graph: Graph, logits: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Categorical", in: graph, dtype: dtype)
    form = .logits(table.add("logits", logits, .logits, eventNDims: 1))
    traits = table.traits(name: name, dtype: .int32)
  }

  /// A distribution of each vector of probabilities; they are divided by their sum.
  public init(probs: some TensorConvertible, name: String? = nil) {
    self.init(in: probs.tensor.graph, probs: probs.tensor, dtype: probs.tensor.dtype, name: name)
  }
  /// A distribution of each vector of probabilities, which may be numbers.
  public init(in graph: Graph, probs: some TensorLike, dtype: DType? = nil, name: String? = nil) {
    var table = ParameterTable("Categorical", in: graph, dtype: dtype)
    form = .probs(table.add("probs", probs, .simplex, eventNDims: 1))
    traits = table.traits(name: name, dtype: .int32)
  }

  /// The parameter, `[..., k]`.
  private var parameter: Tensor {
    switch form {
    case .logits(let tensor), .probs(let tensor): tensor
    }
  }
  /// The number of categories.
  public var categoryCount: Dimension { parameter.shape[-1] }

  /// The probabilities, `[..., k]`.
  public var probs: Tensor {
    graph.located {
      switch form {
      case .logits(let logits): softmax(logits)
      case .probs(let probs): probs / probs.sum(axes: [-1], keepDims: true)
      }
    }
  }
  /// The logarithms of the probabilities, `[..., k]`; 0 where the mask is false, without a gradient there.
  func logProbs(where mask: Tensor) -> Tensor {
    switch form {
    case .logits(let logits): return select(mask, logSoftmax(logits), graph.zeros([], dtype: logits.dtype))
    case .probs(let probs):
      let total = log(probs.sum(axes: [-1], keepDims: true))
      return select(mask, log(select(mask, probs, probs.scalar(1))) - total, probs.scalar(0))
    }
  }

  /// 0, ..., k - 1.
  private func categories(_ dtype: DType) -> Tensor { graph.iota([categoryCount], axis: 0, dtype: dtype) }

  /// Whether a value is below, at or beyond each category.
  private func mask(_ x: Tensor, _ holds: (Tensor, Tensor) -> Tensor) -> Tensor {
    holds(categories(x.dtype), x.expandedDims(-1))
  }

  public func sampleFormula(_ shape: Shape) -> Tensor? {
    // Gumbel-max: the index of the largest logit plus Gumbel noise. 1 - u lies in (0, 1].
    let u = graph.randomUniform(shape + [categoryCount], dtype: traits.parameterDType)
    let exponential = -log1p(-u)
    switch form {
    case .logits(let logits): return argmax(logits - log(exponential))
    case .probs(let probs): return argmax(probs / exponential)
    }
  }
  public func logProbFormula(_ x: Tensor) -> Tensor? {
    let isSelected = mask(x) { $0 .== $1 }
    let isCategory = (x >= 0) .& (x < graph.extent(categoryCount, dtype: x.dtype)) .& (x .== floor(x))
    let selected: Tensor
    switch form {
    case .logits(let logits):
      selected = select(isSelected, logits, logits.scalar(0)).sum(axes: [-1]) - logSumExp(logits, axes: [-1])
    case .probs(let probs):
      selected = log(select(isSelected, probs, probs.scalar(0)).sum(axes: [-1])) - log(probs.sum(axes: [-1]))
    }
    return select(isCategory, selected, x.scalar(-.infinity))
  }
  public func cdfFormula(_ x: Tensor) -> Tensor? { tails(.cdf, x) { total(mask($0) { $0 <= $1 }) } }
  public func logCDFFormula(_ x: Tensor) -> Tensor? { tails(.logCDF, x) { logTotal(mask($0) { $0 <= $1 }) } }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { tails(.survival, x) { total(mask($0) { $0 > $1 }) } }
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    tails(.logSurvival, x) { logTotal(mask($0) { $0 > $1 }) }
  }
  public func modeFormula() -> Tensor? { argmax(parameter) }
  public func meanFormula() -> Tensor? { (probs * categories(traits.parameterDType)).sum(axes: [-1]) }
  public func varianceFormula() -> Tensor? {
    let distance = categories(traits.parameterDType) - mean().expandedDims(-1)
    return (probs * distance * distance).sum(axes: [-1])
  }
  public func entropyFormula() -> Tensor? {
    let probs = probs
    return -(probs * logProbs(where: probs > 0)).sum(axes: [-1])
  }

  private func tails(_ function: CumulativeFunction, _ x: Tensor, _ formula: (Tensor) -> Tensor) -> Tensor {
    let last = graph.extent(categoryCount, dtype: x.dtype) - 1
    return cumulative(function, x, isBelow: x < 0, isAbove: x >= last, safe: x.scalar(0), formula)
  }
  /// The probability of all categories in a mask.
  private func total(_ mask: Tensor) -> Tensor {
    let probs = probs
    return select(mask, probs, probs.scalar(0)).sum(axes: [-1])
  }
  private func logTotal(_ mask: Tensor) -> Tensor {
    switch form {
    case .logits(let logits):
      let all = logSumExp(logits, axes: [-1])
      func share(_ mask: Tensor) -> Tensor {
        logSumExp(select(mask, logits, logits.scalar(-.infinity)), axes: [-1]) - all
      }
      return logShare(share(mask), rest: share(.!mask))
    case .probs: return minimum(logProbability(total(mask), complement: total(.!mask)), 0)
    }
  }

  /// The first position of the largest element of the last axis.
  private func argmax(_ x: Tensor) -> Tensor {
    let isLargest = x >= x.max(axes: [-1], keepDims: true)
    let positions = categories(.int32)
    return select(isLargest, positions, graph.extent(categoryCount, dtype: .int32)).min(axes: [-1])
  }
}

extension Categorical {
  /// How it is made of tensors.
  static let constructors = [
    DistributionConstructor(1) { Categorical(logits: $0[0]) },
    DistributionConstructor(1) { Categorical(probs: $0[0]) },
  ]
}
