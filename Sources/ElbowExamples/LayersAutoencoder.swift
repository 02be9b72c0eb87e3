import Elbow

/// The auto-encoder of "Variational Autoencoders with Tensorflow Probability Layers" (Fischer, Alemi, Dillon 2019): layers that
/// make distributions, a posterior with full covariance over 16 dimensions, images binarised anew in every step.
public enum LayersAutoencoder {
  static let encodedSize = 16
  static let baseDepth = 32
  static let inputShape = [28, 28, 1]

  /// - Parameter beta: The weight of the divergence; other than 1 for a beta-VAE.
  public static func make(beta: Double = 1) throws -> Model {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let grey = images.cast(to: .float32).reshaped([-1] + inputShape) / 255
    // Each pixel is 1 with the probability that its brightness stands for.
    let x = Bernoulli(probs: grey).sample().cast(to: .float32)

    let prior = Independent(
      Normal(in: graph, loc: [Double](repeating: 0, count: encodedSize), scale: 1), reinterpretedBatchNDims: 1)
    let encoder = makeEncoder(KLDivergenceRegularizer(prior, weight: beta))
    let decoder = makeDecoder()

    let posterior = graph.scope("encoder") { encoder(x, training: true) }
    let likelihood = graph.scope("decoder") { decoder(posterior, training: true) }
    let kl = encoder.losses.reduce(graph.constant(0), +)
    let nll = mean(-likelihood.logProb(x))
    let loss = nll + kl
    let train = Adam(learningRate: 1e-3).minimize(loss)

    let logWeight = logImportanceWeight(
      of: x, latent: posterior.tensor, likelihood: likelihood, posterior: posterior, prior: prior)
    let code = graph.placeholder("code", shape: [nil, encodedSize])
    let encoded = graph.scope("encoder") { encoder(grey) }
    let decoded = graph.scope("decoder") { decoder(code) }
    let drawn = graph.scope("decoder") { decoder(prior.sample([64])) }
    let losses: KeyValuePairs = ["loss": loss, "nll": nll, "kl": kl]
    return try Model(
      name: "tfp-layers-vae", graph: graph, dataset: "mnist", epochs: 15, batchSize: 256,
      signatures: [
        Signature("train", outputs: losses, updates: train.updates),
        Signature("evaluate", outputs: losses),
        Signature("importance", outputs: ["log_weight": logWeight]),
        Signature("encode", outputs: ["mean": encoded.mean(), "scale_tril": encoded.scaleTriL]),
        Signature("decode", outputs: ["images": decoded.mode().cast(to: .float32)]),
        Signature("sample", outputs: ["images": drawn.mode().cast(to: .float32)]),
      ])
  }

  private static func activation(_ x: Tensor) -> Tensor { leakyRelu(x, alpha: 0.2) }

  private static func makeEncoder(
    _ regularizer: KLDivergenceRegularizer
  ) -> ProbabilisticSequential<MultivariateNormalTriLLayer> {
    func convolution(_ filters: Int, strides: SpatialPair) -> Conv2D {
      Conv2D(filters, kernelSize: 5, strides: strides, padding: .same, activation: activation)
    }
    return ProbabilisticSequential {
      Lambda { $0 - 0.5 }
      convolution(baseDepth, strides: 1)
      convolution(baseDepth, strides: 2)
      convolution(2 * baseDepth, strides: 1)
      convolution(2 * baseDepth, strides: 2)
      Conv2D(4 * encodedSize, kernelSize: 7, activation: activation)
      Flatten()
      Dense(MultivariateNormalTriLLayer.paramsSize(encodedSize))
      MultivariateNormalTriLLayer(encodedSize, activityRegularizer: regularizer)
    }
  }

  private static func makeDecoder() -> ProbabilisticSequential<IndependentBernoulliLayer> {
    func transposed(_ filters: Int, strides: SpatialPair) -> Conv2DTranspose {
      Conv2DTranspose(filters, kernelSize: 5, strides: strides, padding: .same, activation: activation)
    }
    return ProbabilisticSequential {
      Unflatten([1, 1, encodedSize])
      Conv2DTranspose(2 * baseDepth, kernelSize: 7, activation: activation)
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
