import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Every pair of kl.json whose distributions are supported, against TFP in float64: divergences, cross-entropies,
/// gradients.
@Suite struct GoldenKL {
  static let cases = ((try? GoldenFile.cases("kl.json")) ?? []).filter { golden in
    [golden["a"], golden["b"]].allSatisfy { $0.map(GoldenDistributionBuilder.supports) ?? false }
  }

  static let tolerance = Tolerance(relative: 1e-10, absolute: 2.3e-16)
  /// Gradients are sums of terms that cancel, and zero for equal distributions. Where TFP's is NaN ours is a number.
  static let gradientTolerance = Tolerance(relative: 1e-10, absolute: 1e-13, anyForNaN: true)

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
    "Pareto|Pareto", "Poisson|Poisson", "Sample|Sample", "Uniform|Uniform", "VonMises|VonMises", "Weibull|Gamma",
    "Weibull|Weibull",
  ])
  func pairHasCases(pair: String) {
    #expect(Self.cases.contains { $0.id.hasPrefix("\(pair)/") })
  }

  @Test(arguments: cases)
  func divergences(_ golden: GoldenCase) throws {
    var builder = GoldenDistributionBuilder()
    let a = try builder.distribution(try #require(golden["a"]), path: "a.")
    let b = try builder.distribution(try #require(golden["b"]), path: "b.")
    let divergence = a.klDivergence(b)
    let known = golden["closed_form"] ?? golden.value
    guard let expected = golden.expected(known["kl"], "kl") else {
      // TFP has no rule; for normal distributions of vectors we have one, which `normalVectors` tests.
      if Self.isNormal(golden["a"]) && Self.isNormal(golden["b"]) {
        #expect(divergence.isValid)
        return
      }
      #expect(!divergence.isValid)
      #expect(builder.graph.diagnostics.first?.message.contains("has no rule; add one") == true)
      return
    }
    let paths = (known["gradients"]?.fields ?? [:]).filter { $0.value.tensor != nil }.keys.sorted()
    let by = try paths.map { try #require(builder.inputs[$0]) }
    var outputs = ["kl": divergence]
    if golden["cross_entropy"]?.tensor != nil { outputs["cross_entropy"] = a.crossEntropy(b) }
    for (path, gradient) in zip(paths, gradients(of: divergence.sum(), by: by, unconnected: .zero)) {
      outputs[path] = gradient
    }
    for backend in goldenBackends {
      let results = try backend.values(of: outputs, in: builder.graph, feeding: builder.feeds)
      let exception = GoldenException.find(golden, "kl")
      let found = difference(
        results["kl"], expected, exception?.tolerance ?? Self.tolerance, at: exception?.positions(in: expected))
      #expect(found == nil, "\(golden.id).kl on \(backend.name): \(found ?? "")")
      if let expected = golden.expected(golden["cross_entropy"], "cross_entropy") {
        let exception = GoldenException.find(golden, "cross_entropy")
        let found = difference(
          results["cross_entropy"], expected, exception?.tolerance ?? Self.tolerance,
          at: exception?.positions(in: expected))
        #expect(found == nil, "\(golden.id).cross_entropy on \(backend.name): \(found ?? "")")
      }
      for path in paths {
        guard let expected = golden.expected(known["gradients"]?[path], "gradients.\(path)") else { continue }
        let exception = GoldenException.find(golden, "gradients.\(path)")
        let found = difference(
          results[path], expected, exception?.tolerance ?? Self.gradientTolerance,
          at: exception?.positions(in: expected))
        #expect(found == nil, "\(golden.id).gradients.\(path) on \(backend.name): \(found ?? "")")
      }
    }
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
