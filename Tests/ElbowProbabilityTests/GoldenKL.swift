import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Every pair of kl.json whose distributions are supported, against TFP in float64: divergences, cross-entropies,
/// gradients.
@Suite struct GoldenKL {
  static let suite = GoldenSuite.all.first { $0.file == "kl.json" }
  static let cases = ((try? GoldenFile.cases("kl.json")) ?? []).filter { suite?.kind($0) != nil }

  @Test(arguments: [
    "Bernoulli|Bernoulli", "Beta|Beta", "Categorical|Categorical", "Cauchy|Cauchy", "Chi2|Chi2", "Chi2|Gamma",
    "ContinuousBernoulli|ContinuousBernoulli", "Deterministic|Deterministic", "Deterministic|Normal",
    "Dirichlet|Dirichlet", "Exponential|Exponential", "Exponential|Gamma", "Gamma|Chi2", "Gamma|Exponential",
    "Gamma|Gamma", "Geometric|Geometric", "Gumbel|Gumbel", "HalfNormal|HalfNormal", "Independent|Independent",
    "Independent|MultivariateNormalDiag", "InverseGamma|InverseGamma", "Laplace|Laplace", "LogNormal|LogNormal",
    "MultivariateNormalDiag|MultivariateNormalDiag", "MultivariateNormalDiag|MultivariateNormalFullCovariance",
    "MultivariateNormalDiag|MultivariateNormalTriL", "MultivariateNormalFullCovariance|MultivariateNormalDiag",
    "MultivariateNormalFullCovariance|MultivariateNormalFullCovariance",
    "MultivariateNormalFullCovariance|MultivariateNormalTriL", "MultivariateNormalTriL|Independent",
    "MultivariateNormalTriL|MultivariateNormalDiag", "MultivariateNormalTriL|MultivariateNormalFullCovariance",
    "MultivariateNormalTriL|MultivariateNormalTriL", "Normal|Normal", "OneHotCategorical|OneHotCategorical",
    "Pareto|Pareto", "Poisson|Poisson", "Sample|Sample",
    "TransformedDistribution|TransformedDistribution", "Uniform|Uniform", "VonMises|VonMises", "Weibull|Gamma",
    "Weibull|Weibull",
  ])
  func pairHasCases(pair: String) {
    #expect(Self.cases.contains { $0.id.hasPrefix("\(pair)/") })
  }

  @Test(arguments: GoldenGroup.groups(of: cases))
  func divergences(_ group: GoldenGroup) throws {
    let suite = try #require(Self.suite)
    #expect(try suite.mistakes(group.cases, goldenBackends) == [])
  }

  /// Pairs that TFP has no rule for: the same as that of the covariances.
  @Test func normalVectors() throws {
    let cases = Self.cases.filter {
      $0["kl"]?.isUndefined == true && Self.isNormal($0["a"]) && Self.isNormal($0["b"])
    }
    #expect(!cases.isEmpty)
    for golden in cases {
      var builder = GoldenDistributionBuilder()
      let a = try builder.distribution(try #require(golden["a"]), path: "a.")
      let b = try builder.distribution(try #require(golden["b"]), path: "b.")
      func byCovariance(_ d: any Distribution) -> any Distribution {
        let covariance = d is Independent ? diag(d.variance()) : d.covariance()
        return MultivariateNormalFullCovariance(loc: d.mean(), covarianceMatrix: covariance)
      }
      let values = try ReferenceBackend().values(
        of: ["kl": a.klDivergence(b), "expected": byCovariance(a).klDivergence(byCovariance(b))], in: builder.graph,
        feeding: builder.feeds)
      let expected = try #require(values["expected"])
      let found = difference(
        values["kl"], GoldenTensor(shape: expected.shape, values: expected.doubles), Tolerance(relative: 1e-11))
      #expect(found == nil, "\(golden.id): \(found ?? "")")
    }
  }

  /// Whether a specification is a normal distribution of vectors.
  private static func isNormal(_ spec: GoldenValue?) -> Bool {
    let name = spec?["distribution"]?.text ?? ""
    if name == "Independent" { return spec?["params"]?["distribution"]?["distribution"]?.text == "Normal" }
    return name.hasPrefix("MultivariateNormal")
  }
}
