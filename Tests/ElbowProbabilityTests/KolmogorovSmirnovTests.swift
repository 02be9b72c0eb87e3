import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Draws against the distribution function and the moments that the distribution itself states.
///
/// With a fixed seed each test holds for ever or never. The largest distance between the empirical and the true
/// distribution function, times sqrt(n), exceeds 1.95 once in a thousand seeds (Kolmogorov 1933); less often for discrete
/// distributions. The mean of n draws has the standard error stddev / sqrt(n), of which five are allowed.
@Suite struct KolmogorovSmirnovTests {
  static let count = 2000

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let isDiscrete: Bool
    let make: @Sendable (Graph, DType) -> any Distribution

    init(_ name: String, isDiscrete: Bool = false, _ make: @escaping @Sendable (Graph, DType) -> any Distribution) {
      testDescription = name
      self.isDiscrete = isDiscrete
      self.make = make
    }
  }

  static let cases: [Case] = [
    Case("Beta") { Beta(in: $0, concentration1: 0.7, concentration0: 2.5, dtype: $1) },
    Case("Cauchy") { Cauchy(in: $0, loc: 1, scale: 2, dtype: $1) },
    Case("Chi2") { Chi2(in: $0, df: 3, dtype: $1) },
    Case("ContinuousBernoulli") { ContinuousBernoulli(in: $0, logits: 1.5, dtype: $1) },
    Case("Exponential") { Exponential(in: $0, rate: 2.5, dtype: $1) },
    Case("Gamma, small") { Gamma(in: $0, concentration: 0.3, rate: 2, dtype: $1) },
    Case("Gamma, large") { Gamma(in: $0, concentration: 30, rate: 2, dtype: $1) },
    Case("Gumbel") { Gumbel(in: $0, loc: -1, scale: 2, dtype: $1) },
    Case("HalfNormal") { HalfNormal(in: $0, scale: 2, dtype: $1) },
    Case("InverseGamma") { InverseGamma(in: $0, concentration: 5, scale: 2, dtype: $1) },
    Case("Kumaraswamy") { Kumaraswamy(in: $0, concentration1: 2, concentration0: 3, dtype: $1) },
    Case("Laplace") { Laplace(in: $0, loc: 1, scale: 2, dtype: $1) },
    Case("LogNormal") { LogNormal(in: $0, loc: 0.5, scale: 0.4, dtype: $1) },
    Case("Logistic") { Logistic(in: $0, loc: 1, scale: 2, dtype: $1) },
    Case("Pareto") { Pareto(in: $0, concentration: 5, scale: 2, dtype: $1) },
    Case("RelaxedBernoulli") { RelaxedBernoulli(in: $0, temperature: 0.7, logits: 0.5, dtype: $1) },
    Case("StudentT") { StudentT(in: $0, df: 5, loc: 1, scale: 2, dtype: $1) },
    Case("TruncatedNormal") { TruncatedNormal(in: $0, loc: 0, scale: 1, low: 0.5, high: 3, dtype: $1) },
    Case("Uniform") { Uniform(in: $0, low: -1, high: 3, dtype: $1) },
    Case("Weibull") { Weibull(in: $0, concentration: 1.5, scale: 2, dtype: $1) },
    Case("Binomial", isDiscrete: true) { Binomial(in: $0, totalCount: 20, probs: 0.3, dtype: $1) },
    Case("Geometric", isDiscrete: true) { Geometric(in: $0, probs: 0.3, dtype: $1) },
    Case("NegativeBinomial", isDiscrete: true) { NegativeBinomial(in: $0, totalCount: 4.5, probs: 0.4, dtype: $1) },
    Case("Poisson, small", isDiscrete: true) { Poisson(in: $0, rate: 0.8, dtype: $1) },
    Case("Poisson, large", isDiscrete: true) { Poisson(in: $0, rate: 200, dtype: $1) },
  ]

  @Test(arguments: cases, [DType.float32, .float64])
  func drawsFollowTheCDF(_ testCase: Case, dtype: DType) throws {
    let sample = testCase.make(Graph(), dtype).sample([Dimension(Self.count)])
    let draws = try ReferenceBackend().value(sample, seed: 11).doubles.sorted()
    #expect(draws.count == Self.count && draws.allSatisfy { !$0.isNaN })
    let values = Array(Set(draws)).sorted()
    let graph = Graph()
    let points = graph.constant(values, dtype: .float64)
    let distribution = testCase.make(graph, .float64)
    let cdf = try ReferenceBackend().values(
      of: [
        "at": distribution.cdf(points),
        "below": testCase.isDiscrete ? distribution.cdf(points - 1) : distribution.cdf(points),
      ],
      in: graph)
    let (at, below) = (try #require(cdf["at"]).doubles, try #require(cdf["below"]).doubles)
    var (distance, seen) = (0.0, 0)
    for (index, value) in values.enumerated() {
      distance = max(distance, abs(below[index] - Double(seen) / Double(draws.count)))
      while seen < draws.count, draws[seen] == value { seen += 1 }
      distance = max(distance, abs(at[index] - Double(seen) / Double(draws.count)))
    }
    #expect(distance * Double(Self.count).squareRoot() < 1.95)
  }

  @Test(arguments: cases.filter { !["Cauchy", "RelaxedBernoulli"].contains($0.testDescription) })
  func momentsOfDraws(_ testCase: Case) throws {
    let graph = Graph()
    let distribution = testCase.make(graph, .float64)
    let values = try ReferenceBackend().values(
      of: [
        "draws": distribution.sample([Dimension(Self.count)]), "mean": distribution.mean(),
        "variance": distribution.variance(),
      ], in: graph, seed: 12)
    let draws = try #require(values["draws"]).doubles
    let mean = try #require(values["mean"]).doubles[0]
    let variance = try #require(values["variance"]).doubles[0]
    let found = draws.reduce(0, +) / Double(draws.count)
    #expect(abs(found - mean) < 5 * (variance / Double(draws.count)).squareRoot())
    let spread = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws.count)
    // The variance of a sample's variance depends on the fourth moment, which the heavy tails here bound by about 40.
    #expect(abs(spread - variance) < 5 * variance * (40 / Double(draws.count)).squareRoot())
  }

  @Test func vectorsOfDraws() throws {
    let graph = Graph()
    let n = Dimension(Self.count)
    let probs = [0.2, 0.3, 0.5]
    let values = try ReferenceBackend().values(
      of: [
        "Dirichlet": Dirichlet(in: graph, concentration: [1, 1.5, 2.5], dtype: .float64).sample([n]),
        "Multinomial": Multinomial(in: graph, totalCount: 10, probs: probs, dtype: .float64).sample([n]) / 10,
        "OneHotCategorical": OneHotCategorical(in: graph, probs: probs, dtype: .float64).sample([n])
          .cast(to: .float64),
      ], in: graph, seed: 3)
    for (name, array) in values {
      #expect(array.shape == [Self.count, 3])
      for element in 0..<3 {
        let draws = stride(from: element, to: array.doubles.count, by: 3).map { array.doubles[$0] }
        let mean = draws.reduce(0, +) / Double(draws.count)
        let bound = 5 * (probs[element] * (1 - probs[element]) / Double(Self.count)).squareRoot()
        #expect(abs(mean - probs[element]) < bound, "\(name), element \(element)")
      }
      for row in 0..<Self.count {
        #expect(abs(array.doubles[3 * row..<3 * row + 3].reduce(0, +) - 1) < 1e-12)
      }
    }
  }

  @Test func relaxedVectorsPeakWhereTheirCategoryDoes() throws {
    let graph = Graph()
    let probs = [0.2, 0.3, 0.5]
    let sample = RelaxedOneHotCategorical(in: graph, temperature: 0.5, probs: probs).sample([Dimension(Self.count)])
    let largest = try ReferenceBackend().value(argMax(sample), seed: 5).doubles
    for (category, probability) in probs.enumerated() {
      let share = Double(largest.filter { $0 == Double(category) }.count) / Double(Self.count)
      #expect(abs(share - probability) < 5 * (probability * (1 - probability) / Double(Self.count)).squareRoot())
    }
  }

  /// d/da E[X] is 1 / rate for a gamma variate, and the gradients of samples have that mean.
  @Test(arguments: [0.4, 3, 100] as [Double])
  func gradientsOfGammaSamples(concentration: Double) throws {
    let graph = Graph()
    let a = graph.constant(concentration, dtype: .float64).broadcast(to: [Dimension(Self.count)])
    let draws = Gamma(concentration: a, rate: 2).sample()
    let values = try CompiledBackend().value(gradient(of: draws.sum(), by: a), seed: 4).doubles
    let mean = values.reduce(0, +) / Double(values.count)
    let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(abs(mean - 0.5) < 5 * (spread / Double(values.count)).squareRoot())
    #expect(spread > 0)
  }

  @Test func compiledDrawsAreTheReferences() throws {
    let runs = Self.cases.map { testCase in
      let sample = testCase.make(Graph(), .float64).sample([37])
      return GoldenRun(outputs: ["sample": sample], graph: sample.graph, feeds: [:])
    }
    let (expected, found) = try (ReferenceBackend().values(of: runs), CompiledBackend().values(of: runs))
    for (testCase, (one, other)) in zip(Self.cases, zip(expected, found)) {
      let values = try #require(one["sample"]).doubles
      let found = difference(
        other["sample"], GoldenTensor(shape: [37], values: values), Tolerance(relative: 1e-11, absolute: 1e-13))
      #expect(found == nil, "\(testCase.testDescription): \(found ?? "")")
    }
  }
}
