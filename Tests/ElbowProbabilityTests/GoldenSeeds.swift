import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// What the tutorials print of the distributions that exist: values, and the printed form.
@Suite struct GoldenSeeds {
  private static let cases = Dictionary(
    ((try? GoldenFile.cases("seeds.json")) ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

  private func golden(_ id: String) throws -> GoldenCase { try #require(Self.cases[id], "There is no case '\(id)'.") }

  @Test(arguments: [
    "normal-log-prob", "normal-log-prob-2.01", "normal-log-prob-0-0.5-1", "normal-cdf", "bernoulli-logits-log-prob",
    "normal-cdf-bijector-log-prob-2.01", "affine-scalar-log-prob", "transformed-log-prob", "transformed-cdf",
    "form-normal-batch-3", "form-mvn", "form-bernoulli-3", "form-independent-bernoulli", "form-approx-posterior",
    "form-decoder", "shape-batch-of-mvn", "shape-layers-prior", "shape-cs20-decoder", "shape-cs20-posterior",
    "shape-cs20-regression", "shape-cs20-classification", "shape-cs20-bnn-posterior", "shape-flow-base",
  ])
  func valuesAndForms(id: String) throws {
    let golden = try golden(id)
    #expect(GoldenSeedCheck.supports(golden))
    #expect(try GoldenSeedCheck(golden: golden).mistakes(on: goldenBackends) == [])
  }

  /// The tutorial's way to exponential numbers: a cdf the other way round.
  @Test func exponentialNumbersOfUniformOnes() throws {
    let golden = try golden("exponential-inverse-cdf")
    let graph = Graph()
    let u = graph.constant(golden["u"]?.list.compactMap(\.number) ?? [], dtype: .float64)
    let exponential = TransformedDistribution(
      Uniform(in: graph, low: 0, high: 1, dtype: .float64),
      bijector: Bijectors.Invert(Bijectors.WeibullCDF(scale: 2.0, concentration: 1.0)))
    let x = exponential.bijector.forward(u)
    for backend in goldenBackends {
      let values = try backend.values(of: ["value": x, "cdf": exponential.cdf(x)], in: graph)
      for field in ["value", "cdf"] {
        #expect(difference(values[field], try #require(golden[field]?.tensor), Tolerance(relative: 1e-12)) == nil)
      }
    }
  }

  @Test func theFlowsTargetHasStandardDeviationTwo() throws {
    let golden = try golden("flow-target-remark")
    let target = MultivariateNormalDiag(in: Graph(), loc: [1, 1], scaleIdentityMultiplier: 2, dtype: .float64)
    let x = [[0, 0], [1, 1], [3, -1]]
    for backend in goldenBackends {
      let values = try backend.values(
        of: ["log_prob": target.logProb(x), "stddev": target.stddev(), "variance": target.variance()], in: target.graph)
      for field in ["log_prob", "stddev", "variance"] {
        #expect(difference(values[field], try #require(golden[field]?.tensor), Tolerance(relative: 1e-12)) == nil)
      }
    }
  }

  /// The draws that the tutorials print cannot be repeated, but their log probabilities can.
  @Test func logProbabilitiesOfPrintedDraws() throws {
    let graph = Graph()
    let normal = Normal(in: graph, loc: 0, scale: 1, dtype: .float64)
    let bernoulli = Bernoulli(in: graph, logits: 0.9, dtype: .float64)
    let cases = [
      (try golden("normal-sample-6"), normal as any Distribution), (try golden("bernoulli-sample-10"), bernoulli),
    ]
    for (golden, distribution) in cases {
      let draws = try #require(golden["printed_values"]).list.compactMap(\.number)
      let expected = try #require(golden["log_prob_of_printed"]?.tensor)
      #expect(distribution.sample([draws.count].map { Dimension($0) }.shape).shape.extents == golden["shape"]?.integers)
      #expect("\(distribution.dtype)" == golden["dtype"]?.text || distribution is Normal)
      for backend in goldenBackends {
        #expect(difference(try backend.value(distribution.logProb(draws)), expected, Tolerance(relative: 1e-12)) == nil)
      }
    }
  }
}

extension [Dimension] {
  var shape: Shape { Shape(self) }
}
