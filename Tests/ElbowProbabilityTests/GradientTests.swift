import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Gradients against finite differences in float64, at points of distinct extents.
@Suite struct DistributionGradientTests {
  private static let limit = 1e-7

  private func vector(_ values: [Double]) -> GoldenTensor { GoldenTensor(shape: [values.count], values: values) }

  @Test func normalLogProb() throws {
    let inputs = [
      vector([0.3, -1.2, 5]), vector([0.5, 2, 1.5]), GoldenTensor(shape: [2, 3], values: [0, 1, 2, -3, 4, 5.5]),
    ]
    let error = try largestGradientError(at: inputs) { _, x in Normal(loc: x[0], scale: x[1]).logProb(x[2]) }
    #expect(error < Self.limit)
  }

  @Test func normalCDFs() throws {
    let inputs = [vector([0.1]), vector([1.3]), vector([-40, -9, -1, 0.5, 3, 9])]
    for quantity in [Normal.logCDF, Normal.cdf, Normal.logSurvivalFunction] as [(Normal) -> (Tensor) -> Tensor] {
      let error = try largestGradientError(at: inputs) { _, x in quantity(Normal(loc: x[0], scale: x[1]))(x[2]) }
      #expect(error < 1e-6)
    }
  }

  @Test func normalQuantile() throws {
    let error = try largestGradientError(at: [vector([0.01, 0.05, 0.2, 0.5, 0.7, 0.95])], step: 1e-6) { graph, x in
      Normal(in: graph, loc: 1, scale: 2, dtype: .float64).quantile(x[0])
    }
    #expect(error < 1e-6)
  }

  @Test func samplesAreReparameterized() throws {
    let error = try largestGradientError(at: [vector([0.3, -1.2]), vector([0.5, 2])]) { _, x in
      MultivariateNormalDiag(loc: x[0], scaleDiag: x[1]).sample([5])
    }
    #expect(error < Self.limit)
  }

  @Test func bernoulliLogProb() throws {
    let inputs = [
      vector([0, -3, 0.7, 12]), GoldenTensor(shape: [3, 4], values: [0, 1, 0, 1, 1, 0, 1, 0, 0.2, 0.4, 0.6, 0.9]),
    ]
    let error = try largestGradientError(at: [inputs[0]]) { graph, x in
      Bernoulli(logits: x[0]).logProb(graph.constant((try? inputs[1].array(.float64)) ?? HostArray([0.0])))
    }
    #expect(error < Self.limit)
    let grey = try largestGradientError(at: [inputs[0], vector([0.2, 0.4, 0.6, 0.9])]) { _, x in
      Independent(Bernoulli(logits: x[0]), reinterpretedBatchNDims: 1).logProb(x[1])
    }
    #expect(grey < Self.limit)
  }

  @Test func categorical() throws {
    let logits = GoldenTensor(shape: [2, 3], values: [0.1, -2, 3, 1, 1, -1])
    let error = try largestGradientError(at: [logits]) { _, x in Categorical(logits: x[0]).logProb([0, 2]) }
    #expect(error < Self.limit)
    let entropy = try largestGradientError(at: [logits]) { _, x in Categorical(logits: x[0]).entropy() }
    #expect(entropy < Self.limit)
  }

  @Test func nothingIsNaNAtTheEdges() throws {
    let edges = vector([-1e30, -1000, 0, 1000, 1e30])
    for x in [0.0, 1] {
      let error = try largestGradientError(at: [edges]) { _, inputs in
        Bernoulli(logits: inputs[0] * 1e-3).logProb(x) * 1e-30
      }
      #expect(error < 1e-6)
    }
  }
}
