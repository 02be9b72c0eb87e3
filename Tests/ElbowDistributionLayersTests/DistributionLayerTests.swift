import Elbow
import Foundation
import TestSupport
import Testing

@Suite struct DistributionLayerTests {
  private func values(_ graph: Graph, _ tensors: [Tensor]) throws -> [[Double]] {
    try Session(graph, seed: 3, backend: .reference).run(tensors).map(\.doubles)
  }

  @Test func paramsSizesAreThoseOfTensorFlowProbability() {
    #expect(MultivariateNormalTriLLayer.paramsSize(16) == 152)
    #expect(MultivariateNormalDiagLayer.paramsSize(3) == 6)
    #expect(IndependentNormalLayer.paramsSize([4, 5]) == 40)
    #expect(IndependentBernoulliLayer.paramsSize([28, 28, 1]) == 784)
    #expect(OneHotCategoricalLayer.paramsSize(7) == 7)
    #expect(
      MixtureSameFamilyLayer.paramsSize(5, componentParamsSize: MultivariateNormalTriLLayer.paramsSize(2)) == 30)
  }

  @Test func eachLayerSplitsItsInput() throws {
    let graph = Graph()
    let params = graph.constant(try HostArray([Float(0.5), -1, 0.25, 2, -0.5, 0.75], shape: [1, 6]))
    func softplus(_ x: Double) -> Double { log1p(exp(x)) }
    let normal = IndependentNormalLayer([3]).distribution(params)
    let diag = MultivariateNormalDiagLayer(3).distribution(params)
    let bernoulli = IndependentBernoulliLayer([3, 2]).distribution(params)
    let categorical = OneHotCategoricalLayer(6).distribution(params)
    let mixture = MixtureSameFamilyLayer(
      2, componentLayer: IndependentNormalLayer([1]), componentParamsSize: IndependentNormalLayer.paramsSize([1])
    ).distribution(params)
    let found = try values(
      graph, [normal.mean(), normal.stddev(), diag.stddev(), bernoulli.mean(), categorical.mean(), mixture.mean()])
    let scales = [2, -0.5, 0.75].map(softplus)
    #expect(zip(found[0], [0.5, -1, 0.25]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(found[1], scales).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(found[2], scales).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(abs(found[3][3] - 1 / (1 + exp(-2.0))) < 1e-6)
    let total = [0.5, -1, 0.25, 2, -0.5, 0.75].map { exp($0) }.reduce(0, +)
    #expect(abs(found[4][3] - exp(2.0) / total) < 1e-6)
    // Logits 0.5 and -1; the components' means are 0.25 and -0.5.
    let first = 1 / (1 + exp(-1.5))
    #expect(abs(found[5][0] - (first * 0.25 - (1 - first) * 0.5)) < 1e-6)
    #expect("\(bernoulli.eventShape) \(bernoulli.batchShape)" == "[3, 2] [1]")
  }

  @Test func aDistributionStandsForOneSampleAndItsRegularizerUsesIt() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 5])
    let prior = Independent(Normal(in: graph, loc: [0, 0], scale: 1), reinterpretedBatchNDims: 1)
    let encoder = ProbabilisticSequential {
      Dense(8, activation: relu)
      Dense(MultivariateNormalTriLLayer.paramsSize(2))
      MultivariateNormalTriLLayer(2, activityRegularizer: KLDivergenceRegularizer(prior, weight: 0.5))
    }
    let decoder = ProbabilisticSequential {
      Dense(IndependentBernoulliLayer.paramsSize([5]))
      IndependentBernoulliLayer([5])
    }
    let posterior = encoder(x, training: true)
    let likelihood = decoder(posterior, training: true)
    #expect(
      "\(posterior)"
        == "MultivariateNormalTriL(\"MultivariateNormalTriL\", batchShape: [n], eventShape: [2], dtype: float32)")
    #expect("\(likelihood.batchShape) \(likelihood.eventShape)" == "[n] [5]")
    let sampled = 0.5 * mean(posterior.logProb(posterior.tensor) - prior.logProb(posterior.tensor))
    let fed = try HostArray((0..<15).map { Float($0) / 15 }, shape: [3, 5])
    let session = try Session(graph, seed: 3)
    let found = try session.run(encoder.losses + [sampled], feeding: [x: fed]).map { $0.doubles[0] }
    #expect(found.count == 2 && abs(found[0] - found[1]) < 1e-6)
  }

  @Test func anExactRegularizerIsTheClosedForm() throws {
    let graph = Graph()
    let params = graph.constant(try HostArray([Float(1), -1, 0.3, 0.4], shape: [1, 4]))
    let prior = MultivariateNormalDiag(loc: graph.zeros([2]), scaleDiag: graph.ones([2]))
    let layer = MultivariateNormalDiagLayer(2, activityRegularizer: KLDivergenceRegularizer(prior, usesExactKL: true))
    let expected = layer.distribution(params).klDivergence(prior)
    let found = try values(graph, layer.losses + [expected])
    #expect(found[0] == found[1])
  }

  @Test func aWrongLastAxisIsNamed() {
    let graph = Graph()
    _ = IndependentNormalLayer([3]).distribution(graph.zeros([2, 5]))
    #expect(throws: ElbowError.self) { try graph.check() }
    #expect("\(graph.diagnostics)".contains("has to be 6"))
  }

  // MARK: Random weights

  /// A classifier whose loss is the mean negative log likelihood and the weights' divergence.
  private func classifier(_ graph: Graph, _ layers: [VariationalLayer]) -> Tensor {
    let x = graph.placeholder("x", shape: [nil, 6, 6, 1])
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)
    var hidden = layers.count > 1 ? layers[0](x) : x
    hidden = hidden.flattened()
    let distribution = Categorical(logits: layers[layers.count - 1](hidden))
    return layers.flatMap(\.losses).reduce(-mean(distribution.logProb(labels)), +)
  }

  @Test(arguments: [VariationalWeights.Estimator.reparameterization, .flipout])
  func networksOfRandomWeightsLearn(estimator: VariationalWeights.Estimator) throws {
    let graph = Graph()
    let layers: [VariationalLayer] = [
      Conv2DVariational(3, kernelSize: 3, activation: relu, estimator: estimator, divergenceWeight: 1e-4),
      DenseVariational(2, estimator: estimator, divergenceWeight: 1e-4),
    ]
    let loss = classifier(graph, layers)
    let step = Adam(learningRate: 1e-2).minimize(loss)
    let train = Signature("train", outputs: ["loss": loss], updates: step.updates)
    // Bright images and dark ones.
    let pixels: [Float] = (0..<576).map { index -> Float in
      let brightness: Int = (index / 36) % 2
      return Float(brightness) + 0.1 * Float(index % 5)
    }
    let images = try HostArray(pixels, shape: [16, 6, 6, 1])
    let feeds = ["x": images, "labels": HostArray((0..<16).map { Int32($0 % 2) })]
    let session = try Session(graph, seed: 1, threads: 1)
    var losses: [Double] = []
    for _ in 0..<150 { losses.append(try session.run(train, feeding: feeds)["loss"]?.doubles[0] ?? .nan) }
    let (first, last) = (losses.prefix(10).reduce(0, +) / 10, losses.suffix(10).reduce(0, +) / 10)
    #expect(last < 0.5 * first, "from \(first) to \(last)")
    #expect(graph.variables.filter { $0.role == .parameter }.count == 6)
  }

  @Test func flipoutHasTheMeanOfTheWeightsMean() throws {
    let graph = Graph()
    let layer = DenseVariational(2, estimator: .flipout)
    let x = graph.ones([20_000, 4])
    let y = layer(x)
    guard let weights = layer.weights else { throw ElbowError(.internal, "The layer has no weights.") }
    let difference = y - matmul(x, weights.posterior.mean())
    let scale = weights.posterior.stddev()
    let session = try Session(graph, seed: 9, threads: 1)
    let found = try session.run([
      difference.mean(axes: [0]), (difference * difference).mean(axes: [0]), (scale * scale).sum(axes: [0]),
    ])
    for unit in 0..<2 {
      // Signs are independent over examples, so means over 20,000 of them are near 0; a bound of five standard errors.
      let stddev = found[2].doubles[unit].squareRoot()
      #expect(found[1].doubles[unit] > 0)
      #expect(abs(found[0].doubles[unit]) < 5 * 2 * stddev / 20_000.0.squareRoot())
    }
  }

  @Test func theDivergenceIsTheClosedFormTimesItsWeight() throws {
    let graph = Graph()
    let layer = DenseVariational(3, divergenceWeight: 0.01)
    _ = layer(graph.zeros([1, 4]))
    guard let weights = layer.weights else { throw ElbowError(.internal, "The layer has no weights.") }
    let found = try values(graph, layer.losses + [weights.posterior.klDivergence(weights.prior)])
    #expect(abs(found[0][0] - 0.01 * found[1][0]) < 1e-6 * abs(found[1][0]))
  }

  @Test func inputsThatDoNotFitAreNamed() {
    let graph = Graph()
    let dense = DenseVariational(3)
    _ = dense(graph.zeros([2, 4]))
    _ = dense(graph.zeros([2, 5]))
    _ = Conv2DVariational(3, kernelSize: 3)(graph.zeros([2, 5]))
    #expect(graph.diagnostics.map(\.message).joined().contains("it has weights for 4 channels"))
    #expect(graph.diagnostics.map(\.message).joined().contains("its input has 4 axes"))
  }
}
