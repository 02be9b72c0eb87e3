import Elbow
import ElbowExamples
import Testing

// "Variational Autoencoders with Tensorflow Probability Layers" (Fischer, Alemi, Dillon 2019), in the order and with the names of its
// text. A comment behind a line is what the text says of it.

@Suite struct LayersVAE {
  @Test func variationalAutoencoder() throws {
    let digits = try NamedDatasets.load("digits", directory: nil)
    let (trainDataset, evalDataset) = (digits.training.prefix(64), digits.training.prefix(32))
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let greys = images.cast(to: .float32).reshaped(to: [-1, 28, 28, 1]) / 255
    let binary = Bernoulli(probs: greys).sample().cast(to: .float32)  // Randomly binarize.
    let inputShape = [28, 28, 1]
    let baseDepth = 4  // The colab's is 32.

    let encodedSize = 16
    let prior = Independent(
      Normal(loc: graph.zeros([encodedSize]), scale: 1),
      reinterpretedBatchNDims: 1)

    let encoder = ProbabilisticSequential(name: "encoder") {
      Lambda { x in x.cast(to: .float32) - 0.5 }
      Conv2D(baseDepth, kernelSize: 5, strides: 1, padding: .same, activation: leakyRelu)
      Conv2D(baseDepth, kernelSize: 5, strides: 2, padding: .same, activation: leakyRelu)
      Conv2D(2 * baseDepth, kernelSize: 5, strides: 1, padding: .same, activation: leakyRelu)
      Conv2D(2 * baseDepth, kernelSize: 5, strides: 2, padding: .same, activation: leakyRelu)
      Conv2D(4 * encodedSize, kernelSize: 7, strides: 1, padding: .valid, activation: leakyRelu)
      Flatten()
      Dense(MultivariateNormalTriLLayer.paramsSize(encodedSize), activation: nil)
      MultivariateNormalTriLLayer(
        encodedSize, activityRegularizer: KLDivergenceRegularizer(prior, weight: 1.0))
    }

    let decoder = ProbabilisticSequential(name: "decoder") {
      Unflatten([1, 1, encodedSize])
      Conv2DTranspose(2 * baseDepth, kernelSize: 7, strides: 1, padding: .valid, activation: leakyRelu)
      Conv2DTranspose(2 * baseDepth, kernelSize: 5, strides: 1, padding: .same, activation: leakyRelu)
      Conv2DTranspose(2 * baseDepth, kernelSize: 5, strides: 2, padding: .same, activation: leakyRelu)
      Conv2DTranspose(baseDepth, kernelSize: 5, strides: 1, padding: .same, activation: leakyRelu)
      Conv2DTranspose(baseDepth, kernelSize: 5, strides: 2, padding: .same, activation: leakyRelu)
      Conv2DTranspose(baseDepth, kernelSize: 5, strides: 1, padding: .same, activation: leakyRelu)
      Conv2D(1, kernelSize: 5, strides: 1, padding: .same, activation: nil)
      Flatten()
      IndependentBernoulliLayer(inputShape, convertToTensor: { $0.mean() })
    }

    let vae = Network(inputs: binary, parts: [encoder, decoder]) { x, training in
      decoder(encoder(x, training: training), training: training)
    }
    let negativeLogLikelihood = { (x: Tensor, rvX: Independent) in -rvX.logProb(x) }
    try vae.compile(
      optimizer: Adam(learningRate: 1e-3, epsilon: 1e-7),
      loss: negativeLogLikelihood)

    try expectTheSame(vae, LayersAutoencoder.network(encodedSize: encodedSize, baseDepth: baseDepth))

    let xhat = vae(binary)
    // assert isinstance(xhat, tfd.Distribution): the compiler knows.
    let distribution: any Distribution = xhat
    #expect(distribution.eventShape == [28, 28, 1])

    let history = try vae.fit(trainDataset, batchSize: 32, epochs: 3, validationData: evalDataset)
    #expect(history["loss"].count == 3 && history["val_loss"].count == 3)
    #expect(history["loss"][2] < history["loss"][0])
    #expect(try vae.parameters.count == 12 + 14)
  }

  /// The example that `graphc` trains is this text: its training step is the same program, but for the figures that it reports.
  private func expectTheSame(_ text: Network<Independent>, _ example: Network<Independent>) throws {
    let listings = try [text, example].map { network in
      var train = try #require(try network.model.train)
      train.outputs = train.outputs.filter { $0.name == "loss" }
      return try network.graph.program(train).listing(locations: false)
    }
    #expect(listings[0] == listings[1])
  }
}
