import ElbowArrays
import ElbowGraph
import Synchronization

/// The rules for KL divergences, one for each pair of distribution types, and where users add theirs.
///
///     KLDivergence.register(Normal.self, Laplace.self) { normal, laplace in ... }
///
/// Rules may be added from any thread. A pair of ``Independent``s or of ``Sample``s without a rule of its own is taken apart: the
/// sum of its parts' divergences. Normal distributions of vectors have one rule, whatever they are given by: a diagonal, a
/// triangular factor, a covariance, a matrix of low rank, or an ``Independent`` normal distribution. What the same bijector
/// has transformed is as far apart as before.
public enum KLDivergence {
  /// Adds a rule, or replaces the one for the same pair.
  ///
  /// - Parameter rule: KL(a || b) in plain operations, of shape `batchShape` of a broadcast with that of b.
  public static func register<A: Distribution, B: Distribution>(
    _ a: A.Type, _ b: B.Type, _ rule: @escaping @Sendable (A, B) -> Tensor
  ) {
    rules.withLock { $0[Pair(a, b)] = KLRule(a, b, rule).apply }
  }

  /// KL(a || b).
  static func between(_ a: any Distribution, _ b: any Distribution) -> Tensor {
    let graph = a.graph
    guard a.isValid, b.isValid else { return graph.invalid() }
    guard b.graph === graph else {
      return graph.invalid(.invalidArgument, "The KL divergence of \(a) from \(b): they belong to different graphs.")
    }
    let pair = "The KL divergence of \(a) from \(b)"
    guard a.eventShape.rank == b.eventShape.rank,
      zip(a.eventShape.dimensions, b.eventShape.dimensions).allSatisfy({ $0.canEqual($1) })
    else { return graph.invalid(.shape, "\(pair): their event shapes differ.") }
    guard let batch = graph.broadcastShape([a.batchShape, b.batchShape]) else {
      return graph.invalid(.shape, "\(pair): their batch shapes do not broadcast.")
    }
    guard let result = rule(a, b) ?? ofParts(a, b) ?? ofNormals(a, b) else {
      let (first, second) = (type(of: a), type(of: b))
      return graph.invalid(
        .invalidArgument,
        "\(pair) has no rule; add one with KLDivergence.register(\(first).self, \(second).self) { ... }, "
          + "or estimate it with monteCarloKLDivergence(_:samples:).")
    }
    return result.isValid ? result.broadcast(to: batch) : result
  }

  private static func rule(_ a: any Distribution, _ b: any Distribution) -> Tensor? {
    let found = rules.withLock { $0[Pair(type(of: a), type(of: b))] }
    return found?(a, b)
  }

  /// The sum of the divergences of what two `Independent`s or `Sample`s are made of; that of what the same map transforms.
  private static func ofParts(_ a: any Distribution, _ b: any Distribution) -> Tensor? {
    if let a = a as? Independent, let b = b as? Independent, a.reinterpretedBatchNDims == b.reinterpretedBatchNDims {
      return a.reduced(between(a.distribution, b.distribution))
    }
    if let a = a as? Sample, let b = b as? Sample, a.sampleShape == b.sampleShape {
      let parts = between(a.distribution, b.distribution)
      return parts.isValid ? a.count * parts : parts
    }
    if let a = a as? TransformedDistribution, let b = b as? TransformedDistribution,
      a.bijector.isSameMap(as: b.bijector)
    {
      return between(a.base, b.base)
    }
    return nil
  }

  private static func ofNormals(_ a: any Distribution, _ b: any Distribution) -> Tensor? {
    guard let a = NormalVector(a), let b = NormalVector(b) else { return nil }
    return NormalVector.divergence(a, b)
  }

  private struct Pair: Hashable {
    let a: ObjectIdentifier
    let b: ObjectIdentifier
    init(_ a: any Distribution.Type, _ b: any Distribution.Type) {
      (self.a, self.b) = (ObjectIdentifier(a), ObjectIdentifier(b))
    }
    init(_ rule: KLRule) { (a, b) = (rule.a, rule.b) }
  }

  private typealias Rule = @Sendable (any Distribution, any Distribution) -> Tensor?

  private static let rules = Mutex<[Pair: Rule]>(
    Dictionary(builtIn.map { (Pair($0), $0.apply) }) { _, later in later })

  /// The rules that Elbow brings, sorted by name.
  private static let builtIn: [KLRule] = [
    KLRule(Bernoulli.self, Bernoulli.self, klBernoulliBernoulli),
    KLRule(Beta.self, Beta.self, klBetaBeta),
    KLRule(Categorical.self, Categorical.self, klCategoricalCategorical),
    KLRule(Cauchy.self, Cauchy.self, klCauchyCauchy),
    KLRule(Chi2.self, Chi2.self, klChi2Chi2),
    KLRule(Chi2.self, Gamma.self, klChi2Gamma),
    KLRule(ContinuousBernoulli.self, ContinuousBernoulli.self, klContinuousBernoulliContinuousBernoulli),
    KLRule(Deterministic.self, Deterministic.self, klDeterministicDeterministic),
    KLRule(Deterministic.self, Normal.self, klDeterministicNormal),
    KLRule(Dirichlet.self, Dirichlet.self, klDirichletDirichlet),
    KLRule(Exponential.self, Exponential.self, klExponentialExponential),
    KLRule(Exponential.self, Gamma.self, klExponentialGamma),
    KLRule(Gamma.self, Chi2.self, klGammaChi2),
    KLRule(Gamma.self, Exponential.self, klGammaExponential),
    KLRule(Gamma.self, Gamma.self, klGammaGamma),
    KLRule(Geometric.self, Geometric.self, klGeometricGeometric),
    KLRule(Gumbel.self, Gumbel.self, klGumbelGumbel),
    KLRule(HalfNormal.self, HalfNormal.self, klHalfNormalHalfNormal),
    KLRule(InverseGamma.self, InverseGamma.self, klInverseGammaInverseGamma),
    KLRule(Laplace.self, Laplace.self, klLaplaceLaplace),
    KLRule(LogNormal.self, LogNormal.self, klLogNormalLogNormal),
    KLRule(Normal.self, Normal.self, klNormalNormal),
    KLRule(OneHotCategorical.self, OneHotCategorical.self, klOneHotCategoricalOneHotCategorical),
    KLRule(Pareto.self, Pareto.self, klParetoPareto),
    KLRule(Poisson.self, Poisson.self, klPoissonPoisson),
    KLRule(Uniform.self, Uniform.self, klUniformUniform),
    KLRule(VonMises.self, VonMises.self, klVonMisesVonMises),
    KLRule(Weibull.self, Gamma.self, klWeibullGamma),
    KLRule(Weibull.self, Weibull.self, klWeibullWeibull),
  ]
}

/// One rule, for distributions of any type.
struct KLRule: Sendable {
  let a: ObjectIdentifier
  let b: ObjectIdentifier
  /// Nil for distributions of other types.
  let apply: @Sendable (any Distribution, any Distribution) -> Tensor?

  init<A: Distribution, B: Distribution>(_ a: A.Type, _ b: B.Type, _ rule: @escaping @Sendable (A, B) -> Tensor) {
    self.a = ObjectIdentifier(a)
    self.b = ObjectIdentifier(b)
    apply = { first, second in
      guard let first = first as? A, let second = second as? B else { return nil }
      return rule(first, second)
    }
  }
}
