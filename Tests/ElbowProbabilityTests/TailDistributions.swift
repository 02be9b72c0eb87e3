import ElbowArrays
import ElbowGraph
import ElbowProbability

/// The distributions of `Fixtures/tails.txt`.
enum TailDistributions {
  private typealias Maker = @Sendable (Graph, [Tensor], DType) -> any Distribution

  static let names: [String] = makers.keys.sorted()

  /// A batch of a distribution.
  static func make(_ name: String, _ graph: Graph, _ parameters: [Tensor], _ dtype: DType) -> any Distribution {
    makers[name]?(graph, parameters, dtype) ?? Deterministic(in: graph, loc: Double.nan)
  }

  /// The value that the distribution is asked about: the elements of an event are all alike.
  static func value(_ name: String, _ x: Tensor) -> Tensor {
    name.hasPrefix("Independent") ? x.expandedDims(-1).broadcast(to: x.shape + [2]) : x
  }

  /// How far values may be from the table, relative to them.
  static func tolerance(_ name: String, _ dtype: DType) -> Double {
    switch name {
    // Differences of logarithms of some hundreds, which float32 does not hold any better: of the density at the ends, and
    // of powers and factorials of the concentration.
    case "TruncatedNormal", "Gamma": dtype == .float64 ? 1e-12 : 1e-4
    // 1 / (1 + x^2 / df), which is rounded, to a power of df / 2.
    case "StudentT": dtype == .float64 ? 1e-12 : 1e-4
    default: dtype == .float64 ? 1e-12 : 2e-5
    }
  }

  /// Those whose quantile adds the probability to a number, or takes it from one, that hides it where it is small.
  static let withoutQuantiles: Set<String> = ["TruncatedNormal", "TransformedDistributionFalling"]

  private static let makers: [String: Maker] = onTheLine.merging(positive) { $1 }.merging(bounded) { $1 }
    .merging(whole) { $1 }.merging(ofOthers) { $1 }

  private static let onTheLine: [String: Maker] = [
    "Normal": { _, p, _ in Normal(loc: p[0], scale: p[1]) },
    "Cauchy": { _, p, _ in Cauchy(loc: p[0], scale: p[1]) },
    "Gumbel": { _, p, _ in Gumbel(loc: p[0], scale: p[1]) },
    "Laplace": { _, p, _ in Laplace(loc: p[0], scale: p[1]) },
    "Logistic": { _, p, _ in Logistic(loc: p[0], scale: p[1]) },
    "StudentT": { _, p, _ in StudentT(df: p[0], loc: p[1], scale: p[2]) },
    "TruncatedNormal": { _, p, _ in TruncatedNormal(loc: p[0], scale: p[1], low: p[2], high: p[3]) },
    "Uniform": { _, p, _ in Uniform(low: p[0], high: p[1]) },
    "VonMises": { _, p, _ in VonMises(loc: p[0], concentration: p[1]) },
    "Deterministic": { _, p, _ in Deterministic(loc: p[0]) },
  ]
  private static let positive: [String: Maker] = [
    "Gamma": { _, p, _ in Gamma(concentration: p[0], rate: p[1]) },
    "Chi2": { _, p, _ in Chi2(df: p[0]) },
    "InverseGamma": { _, p, _ in InverseGamma(concentration: p[0], scale: p[1]) },
    "Exponential": { _, p, _ in Exponential(rate: p[0]) },
    "HalfCauchy": { _, p, _ in HalfCauchy(scale: p[0]) },
    "HalfNormal": { _, p, _ in HalfNormal(scale: p[0]) },
    "LogNormal": { _, p, _ in LogNormal(loc: p[0], scale: p[1]) },
    "Pareto": { _, p, _ in Pareto(concentration: p[0], scale: p[1]) },
    "Weibull": { _, p, _ in Weibull(concentration: p[0], scale: p[1]) },
  ]
  private static let bounded: [String: Maker] = [
    "Beta": { _, p, _ in Beta(concentration1: p[0], concentration0: p[1]) },
    "Kumaraswamy": { _, p, _ in Kumaraswamy(concentration1: p[0], concentration0: p[1]) },
    "ContinuousBernoulli": { _, p, _ in ContinuousBernoulli(logits: p[0]) },
    "RelaxedBernoulli": { _, p, _ in RelaxedBernoulli(temperature: p[0], logits: p[1]) },
  ]
  private static let whole: [String: Maker] = [
    "Bernoulli": { _, p, _ in Bernoulli(logits: p[0]) },
    "Geometric": { _, p, _ in Geometric(logits: p[0]) },
    "GeometricByProbability": { _, p, _ in Geometric(probs: p[0]) },
    "Binomial": { _, p, _ in Binomial(totalCount: p[0], logits: p[1]) },
    "NegativeBinomial": { _, p, _ in NegativeBinomial(totalCount: p[0], logits: p[1]) },
    "Poisson": { _, p, _ in Poisson(logRate: p[0]) },
    "Categorical": { _, p, _ in Categorical(logits: stack(p, axis: 1)) },
    "CategoricalByProbability": { _, p, _ in Categorical(probs: stack(p, axis: 1)) },
  ]
  private static let ofOthers: [String: Maker] = [
    "Mixture": { graph, _, dtype in
      Mixture(
        cat: weights(graph, dtype),
        components: [
          Normal(in: graph, loc: 0, scale: 1, dtype: dtype), Normal(in: graph, loc: 3, scale: 0.5, dtype: dtype),
        ])
    },
    "MixtureSameFamily": { graph, _, dtype in
      MixtureSameFamily(
        mixtureDistribution: weights(graph, dtype),
        componentsDistribution: Normal(in: graph, loc: [0, 3], scale: [1, 0.5], dtype: dtype))
    },
    "MixtureOfBounded": { graph, _, dtype in
      MixtureSameFamily(
        mixtureDistribution: weights(graph, dtype),
        componentsDistribution: Uniform(in: graph, low: [0, 0], high: [1, 2], dtype: dtype))
    },
    "Independent": { graph, p, dtype in
      let loc = p[0].expandedDims(-1) + graph.constant([0, 1], dtype: dtype)
      return Independent(Gumbel(loc: loc, scale: 1.0), reinterpretedBatchNDims: 1)
    },
    "IndependentOfBounded": { graph, _, dtype in
      Independent(Uniform(in: graph, low: [0, 0], high: [1, 1], dtype: dtype), reinterpretedBatchNDims: 1)
    },
    "QuantizedDistribution": { graph, _, dtype in
      QuantizedDistribution(Normal(in: graph, loc: 0, scale: 2, dtype: dtype))
    },
    "TransformedDistribution": { graph, _, dtype in
      TransformedDistribution(Normal(in: graph, loc: 0, scale: 1, dtype: dtype), bijector: Bijectors.Exp())
    },
    "TransformedDistributionFalling": { graph, _, dtype in
      TransformedDistribution(Gumbel(in: graph, loc: 0, scale: 1, dtype: dtype), bijector: Bijectors.Scale(-2.0))
    },
    "TransformedDistributionToUnitInterval": { graph, _, dtype in
      TransformedDistribution(Normal(in: graph, loc: 0, scale: 1, dtype: dtype), bijector: Bijectors.Sigmoid())
    },
  ]

  private static func weights(_ graph: Graph, _ dtype: DType) -> Categorical {
    Categorical(in: graph, probs: [0.25, 0.75], dtype: dtype)
  }
}
