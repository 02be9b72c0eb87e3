import Elbow
import Testing

// "Variational Inference in TensorFlow" (Hafner 2018), in the order and with the names of its slides.

@Suite struct VariationalInference {
  @Test func tensorFlowDistributions() throws {
    let graph = Graph()
    let hidden = graph.placeholder("hidden", shape: [nil, 20])
    let mean = Dense(10)(hidden)
    let stddev = Dense(10, activation: softplus)(hidden)
    let dist = MultivariateNormalDiag(loc: mean, scaleDiag: stddev)
    let samples = dist.sample()
    let logProb = dist.logProb(samples)
    let other = MultivariateNormalDiag(loc: mean.zerosLike(), scaleDiag: stddev.onesLike())
    let divergence = dist.klDivergence(other)

    let feeds: [Tensor: any ArrayConvertible] = [hidden: [[Double](repeating: 0.1, count: 20)]]
    #expect(try logProb.value(feeding: feeds).shape == [1])
    #expect(try divergence.value(feeding: feeds).item() > 0)
  }

  @Test func regressionExample() throws {
    let graph = Graph()
    let inputs = graph.placeholder("inputs", shape: [nil, 4])
    let label = graph.placeholder("label", shape: [nil, 10])
    let hidden = Dense(100, activation: relu)(inputs)
    let mean = Dense(10)(hidden)
    let dist = MultivariateNormalDiag(loc: mean, scaleDiag: mean.onesLike())
    let loss = -dist.logProb(label)  // Squared error
    let optimize = Adam().minimize(loss.sum())
    try expectLess(optimize, [inputs: [[1, 2, 3, 4]], label: [[Double](repeating: 1, count: 10)]])
  }

  @Test func classificationExample() throws {
    let graph = Graph()
    let inputs = graph.placeholder("inputs", shape: [nil, 4])
    let label = graph.placeholder("label", shape: [nil], dtype: .int32)
    let hidden = Dense(100, activation: relu)(inputs)
    let logit = Dense(10)(hidden)
    let dist = Categorical(logits: logit)
    let loss = -dist.logProb(label)  // Cross entropy
    let optimize = Adam().minimize(loss.sum())
    try expectLess(optimize, [inputs: [[1, 2, 3, 4]], label: [7]])
  }

  // MARK: VAE in TensorFlow

  func makePrior(_ graph: Graph, codeSize: Int = 2) -> MultivariateNormalDiag {
    let (mean, stddev) = (graph.zeros([codeSize]), graph.ones([codeSize]))
    return MultivariateNormalDiag(loc: mean, scaleDiag: stddev)
  }

  func makeEncoder(_ images: Tensor, codeSize: Int = 2) -> MultivariateNormalDiag {
    let images = images.flattened()
    let hidden = Dense(100, activation: relu)(images)
    let mean = Dense(codeSize)(hidden)
    let stddev = Dense(codeSize, activation: softplus)(hidden)
    return MultivariateNormalDiag(loc: mean, scaleDiag: stddev)
  }

  func makeDecoder(dataShape: [Int] = [28, 28]) -> (Tensor) -> Independent {
    // The slides' dense layers share weights by their place in the code; here they are kept.
    let (hidden, logit) = (Dense(100, activation: relu), Dense(dataShape.reduce(1, *)))
    return { code in
      let logit = logit(hidden(code)).reshaped(to: [-1] + dataShape)
      return Independent(Bernoulli(logits: logit), reinterpretedBatchNDims: dataShape.count)
    }
  }

  @Test func variationalAutoencoder() throws {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28])
    let makeDecoder = makeDecoder()
    let prior = makePrior(graph)
    let posterior = makeEncoder(images)
    let dist = makeDecoder(posterior.sample())
    let elbo = dist.logProb(images) - posterior.klDivergence(prior)
    let optimize = Adam().minimize(-elbo.sum())
    let samples = makeDecoder(prior.sample(10)).mean()  // For visualization

    let digits = try NamedDatasets.load("digits", directory: nil).training.prefix(20)
    let pixels = try digits["images"].doubles.map { Float($0 / 255) }
    let batch = try HostArray(pixels, shape: [20, 28, 28])
    try expectLess(optimize, [images: batch], steps: 20)
    #expect(try samples.value().shape == [10, 28, 28])
  }

  // MARK: BNN in TensorFlow

  func defineNetwork(
    _ images: Tensor, numClasses: Int = 10
  ) -> (Categorical, MultivariateNormalDiag, MultivariateNormalDiag) {
    let graph = images.graph
    let mean = graph.variable("mean", shape: [28 * 28, numClasses])
    let stddev = graph.variable("stddev", shape: [28 * 28, numClasses])
    let prior = MultivariateNormalDiag(loc: mean.zerosLike(), scaleDiag: stddev.onesLike())
    let posterior = MultivariateNormalDiag(loc: mean, scaleDiag: softplus(stddev))
    let bias = graph.variable("bias", shape: [numClasses])  // Or Bayesian, too
    // The slides' operands are in the other order, in which their shapes do not fit.
    let logit = relu(matmul(images, posterior.sample()) + bias)
    return (Categorical(logits: logit), posterior, prior)
  }

  @Test func bayesianNetwork() throws {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28 * 28])
    let label = graph.placeholder("label", shape: [nil], dtype: .int32)
    let (dist, posterior, prior) = defineNetwork(images)
    let elbo = mean(dist.logProb(label)) - mean(posterior.klDivergence(prior))
    let optimize = Adam().minimize(-elbo)

    let digits = try NamedDatasets.load("digits", directory: nil).training.prefix(20)
    let pixels = try digits["images"].doubles.map { Float($0 / 255) }
    let labels = try digits["labels"]
    try expectLess(optimize, [images: HostArray(pixels, shape: [20, 784]), label: labels], steps: 100)
  }

  /// Steps make the loss smaller.
  private func expectLess(
    _ optimize: TrainingOperation, _ feeds: [Tensor: any ArrayConvertible], steps: Int = 10
  ) throws {
    let session = try Session(optimize.loss.graph, seed: 1)
    let losses = try (0..<steps).map { _ in try session.run(optimize, feeding: feeds).item() }
    #expect(losses.suffix(5).reduce(0, +) < losses.prefix(5).reduce(0, +), "\(losses)")
  }
}
