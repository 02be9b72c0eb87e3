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
    "Gamma|Gamma", "Gumbel|Gumbel", "HalfNormal|HalfNormal", "Independent|Independent", "Laplace|Laplace",
    "LogNormal|LogNormal", "MultivariateNormalDiag|MultivariateNormalDiag",
    "MultivariateNormalDiag|MultivariateNormalTriL", "MultivariateNormalTriL|MultivariateNormalDiag",
    "MultivariateNormalTriL|MultivariateNormalTriL", "Normal|Normal",
    "OneHotCategorical|OneHotCategorical", "Pareto|Pareto", "Uniform|Uniform", "Weibull|Gamma", "Weibull|Weibull",
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
    guard let expected = golden.expected(golden["kl"], "kl") else {
      #expect(!divergence.isValid)
      #expect(builder.graph.diagnostics.first?.message.contains("has no rule; add one") == true)
      return
    }
    let paths = (golden["gradients"]?.fields ?? [:]).filter { $0.value.tensor != nil }.keys.sorted()
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
        guard let expected = golden.expected(golden["gradients"]?[path], "gradients.\(path)") else { continue }
        let exception = GoldenException.find(golden, "gradients.\(path)")
        let found = difference(
          results[path], expected, exception?.tolerance ?? Self.gradientTolerance,
          at: exception?.positions(in: expected))
        #expect(found == nil, "\(golden.id).gradients.\(path) on \(backend.name): \(found ?? "")")
      }
    }
  }
}
