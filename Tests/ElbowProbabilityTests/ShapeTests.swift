import ElbowArrays
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Shapes with a fixed and with a symbolic batch.
@Suite struct ShapeTests {
  @Test(arguments: [7, nil] as [Int?])
  func batchAndEventShapes(batch: Int?) throws {
    let graph = Graph()
    let first = batch.map { "\($0)" } ?? "n"
    let x = graph.placeholder("x", shape: [batch, 3, 5])
    let normal = Normal(loc: x, scale: softplus(x))
    #expect("\(normal)" == "Normal(\"Normal\", batchShape: [\(first), 3, 5], eventShape: [], dtype: float32)")
    let vector = MultivariateNormalDiag(loc: x, scaleIdentityMultiplier: 2)
    #expect("\(vector.batchShape) \(vector.eventShape)" == "[\(first), 3] [5]")
    let categorical = Categorical(logits: x, name: "digit")
    #expect("\(categorical)" == "Categorical(\"digit\", batchShape: [\(first), 3], eventShape: [], dtype: int32)")
    let pixels = Independent(Bernoulli(logits: x), reinterpretedBatchNDims: 2)
    #expect("\(pixels.batchShape) \(pixels.eventShape)" == "[\(first)] [3, 5]")

    #expect("\(normal.logProb(0).shape)" == "[\(first), 3, 5]")
    #expect("\(vector.logProb(x).shape) \(vector.entropy().shape)" == "[\(first), 3] [\(first), 3]")
    #expect("\(vector.covariance().shape)" == "[\(first), 3, 5, 5]")
    #expect("\(categorical.mode().shape) \(categorical.mode().dtype)" == "[\(first), 3] int32")
    #expect(
      "\(categorical.logProb(graph.placeholder("y", shape: [4, batch, 3], dtype: .uint8)).shape)" == "[4, \(first), 3]")
    #expect("\(pixels.logProb(x).shape) \(pixels.sample([2]).shape)" == "[\(first)] [2, \(first), 3, 5]")
    #expect("\(pixels.klDivergence(pixels).shape)" == "[\(first)]")
    try graph.check()
  }

  @Test func imagesOfBytesAreConverted() throws {
    let graph = Graph()
    let likelihood = Bernoulli(logits: graph.constant([0, 1]))
    let images = graph.placeholder("images", shape: [nil, 2], dtype: .uint8)
    let value = try ReferenceBackend().value(
      likelihood.logProb(images), feeding: ["images": HostArray([UInt8(0), 1], shape: [1, 2])])
    #expect(value.shape == [1, 2])
    #expect(
      difference(
        value, GoldenTensor(shape: [1, 2], values: [-0.6931471805599453, -0.31326168751822286]),
        Tolerance(relative: 1e-6)) == nil)
  }

  @Test func theEvidenceLowerBoundIsOneNumberForEachElement() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let posterior = MultivariateNormalDiag(loc: x[.all, ..<2])
    let prior = MultivariateNormalDiag(in: graph, loc: [0, 0])
    let likelihood = Independent(Bernoulli(logits: matmul(posterior.tensor, graph.ones([2, 3]))))
    let bound = evidenceLowerBound(of: x, likelihood: likelihood, posterior: posterior, prior: prior)
    #expect("\(bound.type)" == "float32[n]")
    try graph.check()
  }
}
