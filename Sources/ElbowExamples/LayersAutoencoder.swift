import Elbow

/// The auto-encoder of "Variational Autoencoders with Tensorflow Probability Layers" (Fischer, Alemi, Dillon 2019): layers that
/// make distributions, a posterior with full covariance over 16 dimensions, images binarised anew in every step.
public enum LayersAutoencoder {
  static let inputShape = [28, 28, 1]

  /// The network of the text, compiled: `fit` takes a data set with a column `images`.
  ///
  /// - Parameters:
  ///   - encodedSize: The dimensions of the latent space.
  ///   - beta: The weight of the divergence; other than 1 for a beta-VAE.
  ///   - baseDepth: The channels of the outer convolutions, half of those of the inner ones.
  public static func network(
    encodedSize: Int = 16, beta: Double = 1, baseDepth: Int = 32
  ) throws -> Network<Independent> {
    let x = images(in: Graph()).binary
    return try Autoencoder(x, encodedSize: encodedSize, beta: beta, baseDepth: baseDepth).network(x)
  }

  /// That network's model, with signatures for the latent space.
  ///
  /// - Parameters:
  ///   - encodedSize: The dimensions of the latent space.
  ///   - beta: The weight of the divergence; other than 1 for a beta-VAE.
  public static func make(encodedSize: Int = 16, beta: Double = 1) throws -> Model {
    let graph = Graph()
    let (grey, x) = images(in: graph)
    let vae = Autoencoder(x, encodedSize: encodedSize, beta: beta)
    let model = try vae.network(x).model

    let posterior = vae.encoder(x)
    let logWeight = logImportanceWeight(
      of: x, latent: posterior.tensor, likelihood: vae.decoder(posterior), posterior: posterior, prior: vae.prior)
    let code = graph.placeholder("code", shape: [nil, encodedSize])
    let encoded = vae.encoder(grey)
    let decoded = vae.decoder(code)
    let drawn = vae.decoder(vae.prior.sample(64))
    return try Model(
      name: model.name, graph: graph, dataset: "mnist", epochs: 15, batchSize: 256,
      signatures: [model.train, model.evaluate].compactMap { $0 } + [
        Signature(.importance, outputs: ["log_weight": logWeight]),
        Signature(.encode, outputs: ["mean": encoded.mean(), "scale_tril": encoded.scaleTriL]),
        Signature(.decode, outputs: ["images": decoded.mode().cast(to: .float32)]),
        Signature(.sample, outputs: ["images": drawn.mode().cast(to: .float32)]),
      ])
  }

  /// What is fed as `images`, and what is learned.
  private static func images(in graph: Graph) -> (grey: Tensor, binary: Tensor) {
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let grey = images.cast(to: .float32).reshaped([-1] + inputShape) / 255
    // Each pixel is 1 with the probability that its brightness stands for.
    let x = Bernoulli(probs: grey).sample().cast(to: .float32)
    return (grey, x)
  }

  /// What learns binary images `[n, 28, 28, 1]`.
  struct Autoencoder {
    let prior: Independent
    let encoder: ProbabilisticSequential<MultivariateNormalTriLLayer>
    let decoder: ProbabilisticSequential<IndependentBernoulliLayer>

    /// - Parameters:
    ///   - encodedSize: The dimensions of the latent space.
    ///   - beta: The weight of the divergence.
    ///   - baseDepth: The channels of the outer convolutions, half of those of the inner ones.
    init(_ x: Tensor, encodedSize: Int = 16, beta: Double = 1, baseDepth: Int = 32) {
      prior = Independent(
        Normal(loc: x.graph.zeros([encodedSize], dtype: x.dtype), scale: 1), reinterpretedBatchNDims: 1)
      encoder = makeEncoder(encodedSize, baseDepth, KLDivergenceRegularizer(prior, weight: beta))
      decoder = makeDecoder(encodedSize, baseDepth)
    }

    func network(_ x: Tensor) throws -> Network<Independent> {
      let vae = Network(inputs: x, parts: [encoder, decoder]) { [encoder, decoder] x, training in
        decoder(encoder(x, training: training), training: training)
      }
      let negativeLogLikelihood = { (x: Tensor, rvX: Independent) in -rvX.logProb(x) }
      try vae.compile(
        name: "tfp-layers-vae", optimizer: makeOptimizer(), loss: negativeLogLikelihood,
        metrics: [
          Metric("nll", negativeLogLikelihood),
          Metric("kl") { [encoder] _, _ in encoder.last.divergences[0] },
        ])
      return vae
    }

    /// Epsilon is what Keras has.
    func makeOptimizer() -> Adam { Adam(learningRate: 1e-3, epsilon: 1e-7) }
  }

  private static func makeEncoder(
    _ encodedSize: Int, _ baseDepth: Int, _ regularizer: KLDivergenceRegularizer
  ) -> ProbabilisticSequential<MultivariateNormalTriLLayer> {
    func convolution(_ filters: Int, strides: SpatialPair) -> Conv2D {
      Conv2D(filters, kernelSize: 5, strides: strides, padding: .same, activation: leakyRelu)
    }
    return ProbabilisticSequential(name: "encoder") {
      Lambda { $0 - 0.5 }
      convolution(baseDepth, strides: 1)
      convolution(baseDepth, strides: 2)
      convolution(2 * baseDepth, strides: 1)
      convolution(2 * baseDepth, strides: 2)
      Conv2D(4 * encodedSize, kernelSize: 7, activation: leakyRelu)
      Flatten()
      Dense(MultivariateNormalTriLLayer.paramsSize(encodedSize))
      MultivariateNormalTriLLayer(encodedSize, activityRegularizer: regularizer)
    }
  }

  private static func makeDecoder(
    _ encodedSize: Int, _ baseDepth: Int
  ) -> ProbabilisticSequential<IndependentBernoulliLayer> {
    func transposed(_ filters: Int, strides: SpatialPair) -> Conv2DTranspose {
      Conv2DTranspose(filters, kernelSize: 5, strides: strides, padding: .same, activation: leakyRelu)
    }
    return ProbabilisticSequential(name: "decoder") {
      Unflatten([1, 1, encodedSize])
      Conv2DTranspose(2 * baseDepth, kernelSize: 7, activation: leakyRelu)
      transposed(2 * baseDepth, strides: 1)
      transposed(2 * baseDepth, strides: 2)
      transposed(baseDepth, strides: 1)
      transposed(baseDepth, strides: 2)
      transposed(baseDepth, strides: 1)
      Conv2D(1, kernelSize: 5, padding: .same)
      Flatten()
      IndependentBernoulliLayer(inputShape, convertToTensor: { $0.mean() })
    }
  }
}
