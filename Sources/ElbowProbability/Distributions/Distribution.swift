import ElbowArrays
import ElbowGraph

/// A probability distribution, or a batch of them, whose parameters are tensors of a graph.
///
/// Three shapes describe what it yields (Dillon et al. 2017, "TensorFlow Distributions"): `eventShape` is one draw's,
/// of which the elements may depend on each other; `batchShape` is the shape of the independent, not identical
/// distributions that share the object; and the sample shape is what ``sample(_:)-(Shape)`` is asked for. A sample's shape is
/// the three together, `sampleShape + batchShape + eventShape`, and a log probability's is without the event.
///
/// Used as a tensor, a distribution stands for one sample of itself: always the same one.
///
/// A conforming type declares its parameters in a ``ParameterTable`` and writes the formulas that it has, in plain
/// operations. What it leaves out follows from others where it can, and is a recorded mistake where it cannot. The
/// public methods - without `Formula` - convert and check their arguments, and broadcast results.
public protocol Distribution: TensorConvertible, TensorLike, Parameterized, CustomStringConvertible, SendableMetatype {
  /// Names, shapes and dtypes.
  var traits: DistributionTraits { get }
  /// The distributions that this one is made of.
  var parts: [any Distribution] { get }
  /// The bijectors that this one applies.
  var bijectors: [any Bijector] { get }
  /// Where the elements of its values lie: what data are checked against. Nil, the default, for anywhere.
  var support: ValueSupport? { get }
  /// The map from vectors of any numbers onto the values: what samplers of a posterior move in. Nil for discrete distributions.
  var defaultEventSpaceBijector: (any Bijector)? { get }

  /// Independent draws; `shape` is `sampleShape + batchShape + eventShape`.
  func sampleFormula(_ shape: Shape) -> Tensor?
  /// Independent draws and the logarithm of their density, where that takes less than `logProbFormula` of the draws.
  func sampleAndLogProbFormula(_ shape: Shape) -> (sample: Tensor, logProb: Tensor)?
  /// The logarithm of the density, or for discrete distributions of the probability, at x of the parameters' dtype.
  func logProbFormula(_ x: Tensor) -> Tensor?
  /// The density, or for discrete distributions the probability, at x; by default from its logarithm.
  func probFormula(_ x: Tensor) -> Tensor?
  /// P(X <= x).
  func cdfFormula(_ x: Tensor) -> Tensor?
  /// log P(X <= x); by default from the smaller of cdf and survival function.
  func logCDFFormula(_ x: Tensor) -> Tensor?
  /// P(X > x).
  func survivalFunctionFormula(_ x: Tensor) -> Tensor?
  /// log P(X > x); by default from the smaller of cdf and survival function.
  func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor?
  /// The x at which the cdf is p.
  func quantileFormula(_ p: Tensor) -> Tensor?
  /// E[X], which broadcasts to `batchShape + eventShape`.
  func meanFormula() -> Tensor?
  /// The likeliest value, which broadcasts to `batchShape + eventShape`.
  func modeFormula() -> Tensor?
  /// E[(X - E[X])^2], element by element, which broadcasts to `batchShape + eventShape`.
  func varianceFormula() -> Tensor?
  /// The square root of the variance, by default that of its formula.
  func stddevFormula() -> Tensor?
  /// E[(X - E[X]) (X - E[X])^T] of a vector of k elements, which broadcasts to `batchShape + [k, k]`.
  func covarianceFormula() -> Tensor?
  /// -E[log p(X)].
  func entropyFormula() -> Tensor?
}

// MARK: What follows from other formulas

extension Distribution {
  public var parts: [any Distribution] { [] }
  public var bijectors: [any Bijector] { [] }
  public var support: ValueSupport? { nil }
  /// By the support: of numbers above 0, between 0 and 1, or any.
  public var defaultEventSpaceBijector: (any Bijector)? {
    guard dtype.isFloatingPoint else { return nil }
    guard let support else { return Bijectors.Identity() }
    return support.range.upperBound == .infinity ? Bijectors.Exp() : Bijectors.Sigmoid()
  }
  public func sampleFormula(_ shape: Shape) -> Tensor? { nil }
  public func sampleAndLogProbFormula(_ shape: Shape) -> (sample: Tensor, logProb: Tensor)? { nil }
  public func logProbFormula(_ x: Tensor) -> Tensor? { nil }
  public func probFormula(_ x: Tensor) -> Tensor? { logProbFormula(x).map { exp($0) } }
  public func cdfFormula(_ x: Tensor) -> Tensor? { nil }
  /// From the smaller of cdf and survival function. What underflows there is lost: a distribution with tails says what they
  /// are in logarithms.
  public func logCDFFormula(_ x: Tensor) -> Tensor? {
    logOfShare(cdfFormula(x), complement: survivalFunctionFormula(x))
  }
  public func survivalFunctionFormula(_ x: Tensor) -> Tensor? { cdfFormula(x).map { 1 - $0 } }
  /// From the smaller of cdf and survival function, as ``logCDFFormula(_:)``.
  public func logSurvivalFunctionFormula(_ x: Tensor) -> Tensor? {
    logOfShare(survivalFunctionFormula(x), complement: cdfFormula(x))
  }
  private func logOfShare(_ p: Tensor?, complement: Tensor?) -> Tensor? {
    guard let p, let complement else { return p.map(logOfProbability) }
    let isLarge = complement < p
    return select(
      isLarge, log1p(-select(isLarge, complement, p.scalar(0.5))), logOfProbability(select(isLarge, p.scalar(0.5), p)))
  }
  public func quantileFormula(_ p: Tensor) -> Tensor? { nil }
  public func meanFormula() -> Tensor? { nil }
  public func modeFormula() -> Tensor? { nil }
  public func varianceFormula() -> Tensor? { nil }
  public func stddevFormula() -> Tensor? { varianceFormula().map { sqrt($0) } }
  public func covarianceFormula() -> Tensor? { nil }
  public func entropyFormula() -> Tensor? { nil }
}

// MARK: What users call

extension Distribution {
  /// The graph of its parameters, in which samples and probabilities are computed.
  public var graph: Graph { traits.graph }
  /// The name given when it was made; its type's if none was.
  public var name: String { traits.name }
  /// The shape of the batch of distributions.
  public var batchShape: Shape { traits.batchShape.canonical(in: graph) }
  /// The shape of one draw of one distribution.
  public var eventShape: Shape { traits.eventShape.canonical(in: graph) }
  /// The dtype of samples.
  public var dtype: DType { traits.dtype }
  /// False if a mistake kept it from being made; ``Graph/check()`` says which.
  public var isValid: Bool { traits.isValid }

  /// The variables that its parameters depend on and that training changes, in the order of declaration: those of a prior that is
  /// learned.
  public var parameters: [Tensor] {
    func tensors(_ distribution: any Distribution) -> [Tensor] {
      distribution.traits.parameters.map(\.value) + distribution.parts.flatMap(tensors)
        + distribution.bijectors.flatMap(\.parameters)
    }
    return Graph.parameters(
      among: tensors(self).flatMap { graph.variables(role: .parameter, neededBy: $0) })
  }

  /// One sample, the same whenever it is asked for.
  public var tensor: Tensor { traits.sampleOnce { sample() } }

  /// Independent draws, of shape `sampleShape + batchShape + eventShape`.
  public func sample(_ sampleShape: Shape = []) -> Tensor {
    evaluate("sample", shape: sampleShape + batchShape + eventShape) {
      sampleFormula(sampleShape + batchShape + eventShape)?.cast(to: dtype)
    }
  }

  /// Independent draws, of shape `[count] + batchShape + eventShape`: `normal.sample(6)`.
  public func sample(_ count: Int) -> Tensor { graph.located { sample([count]) } }
  /// Independent draws, of shape `sampleShape + batchShape + eventShape`.
  public func sample(_ sampleShape: [Int]) -> Tensor { graph.located { sample(Shape(sampleShape)) } }

  /// Independent draws with their log probabilities, as ``sample(_:)-(Shape)`` and ``logProb(_:)`` of it give them, for the
  /// sampled divergence `log q(z) - log p(z)`. Some distributions take the log probability from the noise that became
  /// the draw and save undoing it; the gradients by the parameters are the same, but none flows from the log
  /// probability into the draw.
  public func sampleAndLogProb(_ sampleShape: Shape = []) -> (sample: Tensor, logProb: Tensor) {
    graph.located {
      let shape = sampleShape + batchShape + eventShape
      guard isValid, let (sample, logProb) = sampleAndLogProbFormula(shape), sample.isValid, logProb.isValid else {
        let drawn = sample(sampleShape)
        return (drawn, logProb(drawn))
      }
      return (sample.cast(to: dtype).broadcast(to: shape), logProb.broadcast(to: sampleShape + batchShape))
    }
  }

  /// The logarithm of the density, or of the probability for discrete distributions, at a value of shape
  /// `sampleShape + batchShape + eventShape`, of any dtype. The result has the shape `sampleShape + batchShape`.
  public func logProb(_ value: some TensorLike) -> Tensor { at(value, "logProb", logProbFormula) }
  /// The density, or the probability for discrete distributions.
  public func prob(_ value: some TensorLike) -> Tensor { at(value, "prob", probFormula) }
  /// P(X <= value).
  public func cdf(_ value: some TensorLike) -> Tensor { at(value, "cdf", cdfFormula) }
  /// log P(X <= value).
  public func logCDF(_ value: some TensorLike) -> Tensor { at(value, "logCDF", logCDFFormula) }
  /// P(X > value).
  public func survivalFunction(_ value: some TensorLike) -> Tensor {
    at(value, "survivalFunction", survivalFunctionFormula)
  }
  /// log P(X > value).
  public func logSurvivalFunction(_ value: some TensorLike) -> Tensor {
    at(value, "logSurvivalFunction", logSurvivalFunctionFormula)
  }
  /// The x with P(X <= x) = probability; of the probability's shape broadcast with the batch.
  public func quantile(_ probability: some TensorLike) -> Tensor {
    evaluate("quantile") {
      let p = probability.tensor(in: graph, dtype: traits.parameterDType)
      guard p.isValid else { return p }
      return quantileFormula(p.cast(to: traits.parameterDType))
    }
  }

  /// E[X], of shape `batchShape + eventShape`.
  public func mean() -> Tensor { evaluate("mean", shape: batchShape + eventShape, meanFormula) }
  /// The likeliest value, of shape `batchShape + eventShape`.
  public func mode() -> Tensor { evaluate("mode", shape: batchShape + eventShape, modeFormula) }
  /// E[(X - E[X])^2], element by element.
  public func variance() -> Tensor { evaluate("variance", shape: batchShape + eventShape, varianceFormula) }
  /// The square root of the variance.
  public func stddev() -> Tensor { evaluate("stddev", shape: batchShape + eventShape, stddevFormula) }
  /// E[(X - E[X]) (X - E[X])^T] of a vector, of shape `batchShape + [k, k]`.
  public func covariance() -> Tensor {
    evaluate("covariance", shape: batchShape + eventShape + eventShape, covarianceFormula)
  }
  /// -E[log p(X)] in nats, of shape `batchShape`.
  public func entropy() -> Tensor { evaluate("entropy", shape: batchShape, entropyFormula) }

  /// E_self[log self(X) - log other(X)], of shape `batchShape` broadcast with the other's; see ``KLDivergence``.
  public func klDivergence(_ other: any Distribution) -> Tensor {
    graph.located { KLDivergence.between(self, other) }
  }
  /// An estimate of the KL divergence where there is no formula: the mean of `log self(z) - log other(z)` over draws z
  /// of this distribution, of shape `batchShape` broadcast with the other's. Its error falls with the root of the
  /// number of draws. Its gradients are those of the divergence, on average, if samples are reparameterised.
  public func monteCarloKLDivergence(_ other: any Distribution, samples: Int) -> Tensor {
    graph.located {
      guard samples >= 1 else {
        return graph.invalid(
          .invalidArgument, "'monteCarloKLDivergence' of \(self): it takes at least 1 sample, not \(samples).")
      }
      let (z, logProb) = sampleAndLogProb([Dimension(samples)])
      return (logProb - other.logProb(z)).mean(axes: [0])
    }
  }
  /// -E_self[log other(X)] = entropy + KL divergence.
  public func crossEntropy(_ other: any Distribution) -> Tensor {
    graph.located { entropy() + klDivergence(other) }
  }

  /// `Normal("Normal", batchShape: [3], eventShape: [], dtype: float32)`.
  public var description: String {
    "\(traits.typeName)(\"\(name)\", batchShape: \(batchShape), eventShape: \(eventShape), dtype: \(dtype))"
  }
}

// MARK: Checks

extension Distribution {
  /// A formula's result, broadcast to a shape if it is known; a recorded mistake if there is no such formula.
  private func evaluate(_ quantity: String, shape: Shape? = nil, _ formula: () -> Tensor?) -> Tensor {
    graph.located {
      guard isValid else { return graph.invalid() }
      guard let result = formula() else {
        return graph.invalid(.invalidArgument, "'\(quantity)' of \(traits.typeName) is not defined.")
      }
      guard result.isValid, let shape else { return result }
      return result.broadcast(to: shape)
    }
  }

  /// Notes which values a density is asked for, for those who feed data, and checks them in each run if that is wished.
  private func expectSupport(of x: Tensor, for result: Tensor?, _ quantity: String) {
    guard let support, let result, result.isValid else { return }
    let reason = "'\(quantity)' of \(support.words)"
    graph.expect(x, in: support.range, for: result, reason)
    if traits.validatesValues {
      graph.check(result, where: support.holds(x), "\(reason), but gets others in this run.")
    }
  }

  private func at(_ value: some TensorLike, _ quantity: String, _ formula: (Tensor) -> Tensor?) -> Tensor {
    evaluate(quantity) {
      let x = value.tensor(in: graph, dtype: traits.parameterDType)
      guard x.isValid, x.graph === graph else { return x.isValid ? mixedGraphs(quantity) : x }
      let (event, batch) = (eventShape, x.shape.dropLast(eventShape.rank))
      let fits =
        x.rank >= event.rank
        && zip(x.shape.suffix(event.rank).dimensions, event.dimensions).allSatisfy { $0.canEqual($1) }
      guard fits else {
        return graph.invalid(
          .shape,
          "'\(quantity)' of \(self): the value is \(x.type), but its last axes must be the event shape \(event).")
      }
      guard graph.broadcastShape([batchShape, batch]) != nil else {
        return graph.invalid(
          .shape,
          "'\(quantity)' of \(self): the value is \(x.type), whose axes before the event, \(batch), do not "
            + "broadcast with the batch shape \(batchShape).")
      }
      let result = formula(x.cast(to: traits.parameterDType))
      if quantity == "logProb" || quantity == "prob" { expectSupport(of: x, for: result, quantity) }
      return result
    }
  }

  private func mixedGraphs(_ quantity: String) -> Tensor {
    graph.invalid(.invalidArgument, "'\(quantity)' of \(self): the value belongs to another graph.")
  }
}

extension Shape {
  /// The shape with symbols that are known to be equal named alike.
  func canonical(in graph: Graph) -> Shape { symbols.isEmpty ? self : Shape(dimensions.map { graph.canonical($0) }) }
}

extension Distribution {
  /// Uniform numbers in [0, 1) of the parameters' dtype.
  func uniform(_ shape: Shape) -> Tensor { graph.randomUniform(shape, dtype: traits.parameterDType) }
}
