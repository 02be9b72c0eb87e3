import Elbow
import Testing

/// The tensor that a layer's distribution stands for where one is expected.
@Suite struct ConvertToTensorTests {
  @Test func aLayerSaysWhatItsDistributionStandsFor() throws {
    let graph = Graph()
    let logits = graph.constant([[0, 2], [-1, 0.5]])
    let mean = IndependentBernoulliLayer([2], convertToTensor: { $0.mean() })
    #expect(try mean(logits).value().isClose(to: sigmoid(logits).value()))
    // Within other layers too, and as the distribution itself.
    let model = ProbabilisticSequential {
      MultivariateNormalDiagLayer(1, convertToTensor: { $0.mean() })
      Lambda { $0 * 2 }
      IndependentBernoulliLayer([1])
    }
    let distribution = model(logits)
    #expect(try distribution.mean().value().isClose(to: sigmoid(graph.constant([[0], [-2]])).value()))
    // Without, it stands for a sample, which is 0 or 1.
    let sample = try IndependentBernoulliLayer([2])(logits).value()
    #expect(sample.doubles.allSatisfy { $0 == 0 || $0 == 1 })
  }
}
