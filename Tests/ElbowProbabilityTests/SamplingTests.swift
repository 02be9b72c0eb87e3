import ElbowArrays
import ElbowDifferentiation
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

  /// The covariance of [2 e1, e1 + 3 e2] with loc [1, -1] is [[4, 2], [2, 10]].
  @Test func multivariateNormalTriL() throws {
    let distribution = MultivariateNormalTriL(in: Graph(), loc: [1, -1], scaleTriL: [[2, 99], [1, 3]])
    let array = try draws(distribution)
    #expect(array.shape == [count, 2])
    let (x, y) = columns(array)
    let (first, second) = (moments(x), moments(y))
    let products = moments(zip(x, y).map { ($0 - 1) * ($1 + 1) })
    #expect(abs(first.mean - 1) < 4 * 2 / 100 && abs(first.variance - 4) < 4 * 4 * 2.0.squareRoot() / 100)
    #expect(abs(second.mean + 1) < 4 * 10.0.squareRoot() / 100)
    #expect(abs(second.variance - 10) < 4 * 10 * 2.0.squareRoot() / 100)
    // The variance of x y is s_xx s_yy + s_xy^2.
    #expect(abs(products.mean - 2) < 4 * 44.0.squareRoot() / 100)
  }

  /// A quarter around (0, 10) and the rest around (4, -10), so that the sign of the second element tells them apart.
  @Test(arguments: [false, true])
  func mixtureSameFamily(hasBatch: Bool) throws {
    let graph = Graph()
    let components = MultivariateNormalDiag(
      loc: graph.constant(try HostArray([Float(0), 10, 4, -10], shape: hasBatch ? [1, 2, 2] : [2, 2])))
    let distribution = MixtureSameFamily(
      mixtureDistribution: Categorical(in: graph, probs: [0.25, 0.75]), componentsDistribution: components)
    let array = try draws(distribution)
    #expect(array.shape == (hasBatch ? [count, 1, 2] : [count, 2]))
    let (x, y) = columns(array)
    let first = zip(x, y).filter { $1 > 0 }.map(\.0)
    let second = zip(x, y).filter { $1 < 0 }.map(\.0)
    #expect(abs(Double(first.count) / Double(count) - 0.25) < 4 * 0.1875.squareRoot() / 100)
    #expect(abs(moments(first).mean) < 4 / Double(first.count).squareRoot())
    #expect(abs(moments(second).mean - 4) < 4 / Double(second.count).squareRoot())
    #expect(y.allSatisfy { abs($0) > 5 && abs($0) < 15 })
  }

  /// The mixture's weights are drawn anew for every one of the batch.
  @Test func mixtureDrawsAComponentForEachOfTheBatch() throws {
    let graph = Graph()
    let loc = graph.constant(try HostArray((0..<100).map { Float($0 % 2 * 2 - 1) }, shape: [50, 2]))
    let components = Normal(loc: loc, scale: 0.01)
    let distribution = MixtureSameFamily(
      mixtureDistribution: Categorical(in: graph, probs: [0.5, 0.5]), componentsDistribution: components)
    let signs = try backend.value(distribution.sample(), seed: 3).doubles.map { $0 > 0 }
    #expect(signs.count == 50 && Set(signs).count == 2)
  }

  /// The log probability that comes with a draw is that of the draw, and the gradients by the parameters are the same.
  @Test func drawsComeWithTheirLogProbability() throws {
    let graph = Graph()
    let loc = graph.placeholder("loc", shape: [3], dtype: .float64)
    let scale = graph.placeholder("scale", shape: [3, 3], dtype: .float64)
    let distributions: [any Distribution] = [
      MultivariateNormalTriL(loc: loc, scaleTriL: scale),
      MultivariateNormalDiag(loc: loc, scaleDiag: abs(diagPart(scale))),
    ]
    let feeds = [
      "loc": HostArray([0.5, -1, 2]), "scale": try HostArray([2, 0, 0, 0.5, -1.5, 0, 0.25, 1, 0.5], shape: [3, 3]),
    ]
    for distribution in distributions {
      let (sample, logProb) = distribution.sampleAndLogProb([4])
      let again = distribution.logProb(sample)
      #expect(logProb.shape == Shape([4]))
      let fetches =
        [logProb, again] + gradients(of: logProb.sum(), by: [scale]) + gradients(of: again.sum(), by: [scale])
      let outputs = Dictionary(uniqueKeysWithValues: fetches.enumerated().map { ("\($0)", $1) })
      let values = try backend.values(of: outputs, in: graph, feeding: feeds, seed: 5)
      for (first, second) in [("0", "1"), ("2", "3")] {
        let (a, b) = (try #require(values[first]).doubles, try #require(values[second]).doubles)
        #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-12 }, "\(distribution): \(a) and \(b)")
      }
    }
  }

  private func columns(_ array: HostArray) -> ([Double], [Double]) {
    let values = array.doubles
    return (
      stride(from: 0, to: values.count, by: 2).map { values[$0] },
      stride(from: 1, to: values.count, by: 2).map { values[$0] }
    )
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
    #expect(try #require(values["fresh"]).doubles != [0])
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
