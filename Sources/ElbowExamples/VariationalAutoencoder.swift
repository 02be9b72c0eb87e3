import Elbow

/// The variational auto-encoder of "Variational Inference in TensorFlow" (Hafner 2018): 784-100-2 and back, a Bernoulli
/// likelihood for each pixel, the divergence from the standard normal prior in closed form.
public enum VariationalAutoencoder {
  /// - Parameters:
  ///   - latentDim: The dimensions of the latent space.
  ///   - hiddenUnits: The size of the hidden layers.
  ///   - beta: The weight of the divergence; other than 1 for a beta-VAE.
  public static func make(latentDim: Int = 2, hiddenUnits: Int = 100, beta: Double = 1) throws -> Model {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let pixels = images.cast(to: .float32) / 255

    let vae = Objective(pixels, latentDim: latentDim, hiddenUnits: hiddenUnits, beta: beta)
    let train = vae.minimize()

    let code = graph.placeholder("code", shape: [nil, latentDim])
    let decoded = vae.decoder(code).mean()
    let samples = vae.decoder(vae.prior.sample(100)).mean()
    let logWeight = logImportanceWeight(
      of: pixels, latent: vae.latent, likelihood: vae.likelihood, posterior: vae.posterior, prior: vae.prior)
    let losses: KeyValuePairs = ["loss": vae.loss, "nll": mean(vae.nll), "kl": mean(vae.kl)]
    return try Model(
      name: "cs20-vae", graph: graph, dataset: "digits",
      signatures: [
        Signature(.train, outputs: losses, updates: train.updates),
        Signature(.evaluate, outputs: losses),
        Signature(.importance, outputs: ["log_weight": logWeight]),
        Signature(.encode, outputs: ["mean": vae.posterior.mean(), "stddev": vae.posterior.stddev()]),
        Signature(.decode, outputs: ["images": decoded]),
        Signature(.sample, outputs: ["images": samples]),
      ])
  }

  /// The model learned from images `[n, 28, 28]` between 0 and 1, and its loss.
  struct Objective {
    let encoder: Encoder
    let decoder: Decoder
    let prior, posterior: MultivariateNormalDiag
    let latent: Tensor
    let likelihood: Independent
    /// Of each image.
    let nll, kl: Tensor
    let loss: Tensor

    init(_ pixels: Tensor, latentDim: Int = 2, hiddenUnits: Int = 100, beta: Double = 1) {
      let (graph, dtype) = (pixels.graph, pixels.dtype)
      encoder = Encoder(latentDim: latentDim, hiddenUnits: hiddenUnits)
      decoder = Decoder(hiddenUnits: hiddenUnits)
      prior = MultivariateNormalDiag(
        loc: graph.zeros([latentDim], dtype: dtype), scaleDiag: graph.ones([latentDim], dtype: dtype))
      posterior = graph.scope("encoder") { [encoder] in encoder(pixels) }
      latent = posterior.sample()
      likelihood = graph.scope("decoder") { [decoder, latent] in decoder(latent) }
      nll = -likelihood.logProb(pixels)
      kl = posterior.klDivergence(prior)
      loss = mean(nll + (beta == 1 ? kl : beta * kl))
    }

    /// A step of training.
    func minimize() -> TrainingOperation { Adam(learningRate: 1e-3).minimize(loss) }
  }

  struct Encoder: ModelPart {
    let hidden, mean, stddev: Dense

    init(latentDim: Int, hiddenUnits: Int) {
      hidden = Dense(hiddenUnits, activation: relu, name: "hidden")
      mean = Dense(latentDim, name: "mean")
      stddev = Dense(latentDim, activation: softplus, name: "stddev")
    }

    func callAsFunction(_ images: Tensor) -> MultivariateNormalDiag {
      let hidden = hidden(images.flattened())
      return MultivariateNormalDiag(loc: mean(hidden), scaleDiag: stddev(hidden))
    }
  }

  struct Decoder: ModelPart {
    let hidden, logit: Dense

    init(hiddenUnits: Int) {
      hidden = Dense(hiddenUnits, activation: relu, name: "hidden")
      logit = Dense(784, name: "logit")
    }

    func callAsFunction(_ code: Tensor) -> Independent {
      let logits = logit(hidden(code)).reshaped([-1, 28, 28])
      return Independent(Bernoulli(logits: logits), reinterpretedBatchNDims: 2)
    }
  }
}
