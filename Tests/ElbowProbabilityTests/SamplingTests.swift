import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Moments of 10^4 draws with a fixed seed. A mean of n draws has the standard error stddev / sqrt(n); the tolerance is
/// four of them, which for a fixed seed either holds for ever or never.
@Suite struct SamplingTests {
  private let count = 10_000
  private let backend = ReferenceBackend()

  private func draws(_ distribution: any Distribution, seed: UInt64 = 7) throws -> HostArray {
    try backend.value(distribution.sample([Dimension(count)]), seed: seed)
  }

  private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
  }

  @Test(arguments: [DType.float32, .float64])
  func normal(dtype: DType) throws {
    let (mean, variance) = moments(try draws(Normal(in: Graph(), loc: -1.5, scale: 2, dtype: dtype)).doubles)
    #expect(abs(mean + 1.5) < 4 * 2 / 100)
    // The variance of a normal sample's variance is 2 sigma^4 / n.
    #expect(abs(variance - 4) < 4 * 4 * 2.0.squareRoot() / 100)
  }

  @Test func multivariateNormalDiagElements() throws {
    let array = try draws(MultivariateNormalDiag(in: Graph(), loc: [0, 10], scaleDiag: [1, 0.1]))
    #expect(array.shape == [count, 2])
    let values = array.doubles
    let first = moments(stride(from: 0, to: values.count, by: 2).map { values[$0] })
    let second = moments(stride(from: 1, to: values.count, by: 2).map { values[$0] })
    #expect(abs(first.mean) < 4 * 1 / 100 && abs(first.variance - 1) < 4 * 2.0.squareRoot() / 100)
    #expect(abs(second.mean - 10) < 4 * 0.1 / 100 && abs(second.variance - 0.01) < 4 * 0.01 * 2.0.squareRoot() / 100)
  }

  @Test func bernoulli() throws {
    let array = try draws(Bernoulli(in: Graph(), logits: 0.9))
    #expect(array.dtype == .int32 && array.doubles.allSatisfy { $0 == 0 || $0 == 1 })
    #expect(abs(moments(array.doubles).mean - 0.710949502625004) < 4 * 0.4534 / 100)
  }

  @Test(arguments: [false, true])
  func categorical(fromProbs: Bool) throws {
    let probs = [0.1, 0.2, 0, 0.7]
    let logits = [-2.302585092994046, -1.6094379124341003, -.infinity, -0.35667494393873245]
    let distribution =
      fromProbs ? Categorical(in: Graph(), probs: probs) : Categorical(in: Graph(), logits: logits)
    let array = try draws(distribution)
    #expect(array.dtype == .int32)
    for (category, probability) in probs.enumerated() {
      let share = array.doubles.filter { $0 == Double(category) }.count
      let error = (probability * (1 - probability)).squareRoot() / 100
      #expect(abs(Double(share) / Double(count) - probability) <= 4 * error, "category \(category)")
    }
  }

  @Test func aDistributionStandsForOneSampleOfItself() throws {
    let graph = Graph()
    let normal = Normal(in: graph, loc: 0, scale: 1)
    #expect(normal.tensor == normal.tensor)
    #expect(normal.sample() != normal.sample())
    let values = try backend.values(
      of: ["twice": normal.tensor - normal.tensor, "fresh": normal.sample() - normal.sample()], in: graph)
    #expect(values["twice"]?.doubles == [0])
    #expect(values["fresh"]?.doubles != [0])
  }

  @Test func sampleShapesComeFirst() throws {
    let graph = Graph()
    let batch = graph.placeholder("x", shape: [nil, 3])
    let distribution = MultivariateNormalDiag(loc: batch)
    let sample = distribution.sample([10])
    #expect("\(sample.shape)" == "[10, n, 3]")
    #expect("\(distribution.logProb(sample).shape)" == "[10, n]")
    let values = try backend.values(
      of: ["sample": sample], in: graph, feeding: ["x": HostArray(zeros: [4, 3])])
    #expect(values["sample"]?.shape == [10, 4, 3])
  }
}
