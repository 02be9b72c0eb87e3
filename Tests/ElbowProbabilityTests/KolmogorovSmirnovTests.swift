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
    /// The name of a constructor, and numbers for its parameters.
    let constructor: String
    let parameters: [Double]
    let isDiscrete: Bool

    init(_ constructor: String, _ parameters: Double..., isDiscrete: Bool = false) {
      (self.constructor, self.parameters, self.isDiscrete) = (constructor, parameters, isDiscrete)
    }

    var testDescription: String { "\(constructor) of \(parameters)" }

    func make(_ graph: Graph, _ dtype: DType) throws -> any Distribution {
      let made = try #require(DistributionConstructor.named(constructor), "No distribution is made by \(constructor).")
      return made.make(parameters.map { graph.constant($0, dtype: dtype) })
    }
  }

  static let cases = [
    Case("Beta", 0.7, 2.5),
    Case("Cauchy", 1, 2),
    Case("Chi2", 3),
    Case("ContinuousBernoulli(logits:)", 1.5),
    Case("Exponential", 2.5),
    Case("Gamma", 0.3, 2),
    Case("Gamma", 30, 2),
    Case("Gumbel", -1, 2),
    Case("HalfCauchy", 2),
    Case("HalfNormal", 2),
    Case("InverseGamma", 5, 2),
    Case("Kumaraswamy", 2, 3),
    Case("Laplace", 1, 2),
    Case("LogNormal", 0.5, 0.4),
    Case("Logistic", 1, 2),
    Case("Pareto", 5, 2),
    Case("RelaxedBernoulli(temperature:logits:)", 0.7, 0.5),
    Case("StudentT", 5, 1, 2),
    Case("TruncatedNormal", 0, 1, 0.5, 3),
    Case("Uniform", -1, 3),
    Case("Weibull", 1.5, 2),
    Case("Binomial(totalCount:probs:)", 20, 0.3, isDiscrete: true),
    Case("Geometric(probs:)", 0.3, isDiscrete: true),
    Case("NegativeBinomial(totalCount:probs:)", 4.5, 0.4, isDiscrete: true),
    Case("Poisson(rate:)", 0.8, isDiscrete: true),
    Case("Poisson(rate:)", 200, isDiscrete: true),
  ]

  @Test(arguments: cases, [DType.float32, .float64])
  func drawsFollowTheCDF(_ testCase: Case, dtype: DType) throws {
    let sample = try testCase.make(Graph(), dtype).sample([Dimension(Self.count)])
    let draws = try ReferenceBackend().value(sample, seed: 11).doubles.sorted()
    #expect(draws.count == Self.count && draws.allSatisfy { !$0.isNaN })
    let values = Array(Set(draws)).sorted()
    let graph = Graph()
    let points = graph.constant(values, dtype: .float64)
    let distribution = try testCase.make(graph, .float64)
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

  @Test(
    arguments: cases.filter { !$0.constructor.hasSuffix("Cauchy") && !$0.constructor.hasPrefix("RelaxedBernoulli") })
  func momentsOfDraws(_ testCase: Case) throws {
    let graph = Graph()
    let distribution = try testCase.make(graph, .float64)
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
    let runs = try Self.cases.map { testCase in
      let sample = try testCase.make(Graph(), .float64).sample([37])
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
