import Elbow

/// The auto-encoder of "Variational Autoencoders with Tensorflow Probability Layers" (Fischer, Alemi, Dillon 2019): layers that
/// make distributions, a posterior with full covariance over 16 dimensions, images binarised anew in every step.
public enum LayersAutoencoder {
  static let inputShape = [28, 28, 1]

  /// - Parameters:
  ///   - encodedSize: The dimensions of the latent space.
  ///   - beta: The weight of the divergence; other than 1 for a beta-VAE.
  public static func make(encodedSize: Int = 16, beta: Double = 1) throws -> Model {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let grey = images.cast(to: .float32).reshaped([-1] + inputShape) / 255
    // Each pixel is 1 with the probability that its brightness stands for.
    let x = Bernoulli(probs: grey).sample().cast(to: .float32)
    let vae = Objective(x, encodedSize: encodedSize, beta: beta)
    let train = vae.minimize()

    let logWeight = logImportanceWeight(
      of: x, latent: vae.posterior.tensor, likelihood: vae.likelihood, posterior: vae.posterior, prior: vae.prior)
    let code = graph.placeholder("code", shape: [nil, encodedSize])
    let encoded = vae.encoder(grey)
    let decoded = vae.decoder(code)
    let drawn = vae.decoder(vae.prior.sample(64))
    let losses: KeyValuePairs = ["loss": vae.loss, "nll": vae.nll, "kl": vae.kl]
    return try Model(
      name: "tfp-layers-vae", graph: graph, dataset: "mnist", epochs: 15, batchSize: 256,
      signatures: [
        Signature(.train, outputs: losses, updates: train.updates),
        Signature(.evaluate, outputs: losses),
        Signature(.importance, outputs: ["log_weight": logWeight]),
        Signature(.encode, outputs: ["mean": encoded.mean(), "scale_tril": encoded.scaleTriL]),
        Signature(.decode, outputs: ["images": decoded.mode().cast(to: .float32)]),
        Signature(.sample, outputs: ["images": drawn.mode().cast(to: .float32)]),
      ])
  }

  /// The model learned from binary images `[n, 28, 28, 1]`, and its loss.
  struct Objective {
    let prior: Independent
    let encoder: ProbabilisticSequential<MultivariateNormalTriLLayer>
    let decoder: ProbabilisticSequential<IndependentBernoulliLayer>
    let posterior: MultivariateNormalTriL
    let likelihood: Independent
    let nll, kl, loss: Tensor

    /// - Parameters:
    ///   - encodedSize: The dimensions of the latent space.
    ///   - beta: The weight of the divergence.
    ///   - baseDepth: The channels of the outer convolutions, half of those of the inner ones.
    init(_ x: Tensor, encodedSize: Int = 16, beta: Double = 1, baseDepth: Int = 32) {
      let graph = x.graph
      prior = Independent(
        Normal(loc: graph.zeros([encodedSize], dtype: x.dtype), scale: 1), reinterpretedBatchNDims: 1)
      let encoder = makeEncoder(encodedSize, baseDepth, KLDivergenceRegularizer(prior, weight: beta))
      let decoder = makeDecoder(encodedSize, baseDepth)
      let posterior = graph.scope("encoder") { encoder(x, training: true) }
      likelihood = graph.scope("decoder") { decoder(posterior, training: true) }
      let penalty = encoder.losses.reduce(graph.constant(0, dtype: x.dtype), +)
      let z = posterior.tensor
      kl = beta == 1 ? penalty : mean(posterior.logProb(z) - prior.logProb(z))
      nll = mean(-likelihood.logProb(x))
      loss = nll + penalty
      (self.encoder, self.decoder, self.posterior) = (encoder, decoder, posterior)
    }

    /// A step of training; epsilon is what Keras has.
    func minimize() -> TrainingOperation { Adam(learningRate: 1e-3, epsilon: 1e-7).minimize(loss) }
  }

  private static func makeEncoder(
    _ encodedSize: Int, _ baseDepth: Int, _ regularizer: KLDivergenceRegularizer
  ) -> ProbabilisticSequential<MultivariateNormalTriLLayer> {
    func convolution(_ filters: Int, strides: SpatialPair) -> Conv2D {
      Conv2D(filters, kernelSize: 5, strides: strides, padding: .same, activation: leakyRelu)
    }
    return ProbabilisticSequential {
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
    return ProbabilisticSequential {
      Unflatten([1, 1, encodedSize])
      Conv2DTranspose(2 * baseDepth, kernelSize: 7, activation: leakyRelu)
      transposed(2 * baseDepth, strides: 1)
      transposed(2 * baseDepth, strides: 2)
      transposed(baseDepth, strides: 1)
      transposed(baseDepth, strides: 2)
      transposed(baseDepth, strides: 1)
      Conv2D(1, kernelSize: 5, padding: .same)
      Flatten()
      IndependentBernoulliLayer(inputShape)
    }
  }
}
