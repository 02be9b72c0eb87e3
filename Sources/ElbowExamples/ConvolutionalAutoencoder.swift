import Elbow

/// The convolutional auto-encoders of "Getting started with TensorFlow Probability from R" (Keydana 2019), which learn
/// Kuzushiji-MNIST: a latent space of two dimensions, and a prior that is given or learned.
public enum ConvolutionalAutoencoder {
  /// With the standard normal distribution as the prior.
  ///
  /// - Parameters:
  ///   - sharesOptimizer: Whether one optimiser's steps are counted over the gradients of encoder and decoder, as the text's code
  ///     does, or all gradients of a batch are one step.
  ///   - latentDim: The dimensions of the latent space.
  public static func make(sharesOptimizer: Bool = true, latentDim: Int = 2) throws -> Model {
    try make("kmnist-vae", sharesOptimizer, latentDim)
  }

  /// With a mixture of 16 normal distributions as the prior, of which everything is learned.
  ///
  /// - Parameter mixtureComponents: How many they are.
  public static func makeWithMixture(
    sharesOptimizer: Bool = true, latentDim: Int = 2, mixtureComponents: Int = 16
  ) throws -> Model {
    try make("kmnist-vae-mixture", sharesOptimizer, latentDim, mixtureComponents: mixtureComponents)
  }

  private static func make(
    _ name: String, _ sharesOptimizer: Bool, _ latentDim: Int, mixtureComponents: Int? = nil
  ) throws -> Model {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let x = images.cast(to: .float32).reshaped([-1, 28, 28, 1]) / 255
    let vae = Objective(x, latentDim: latentDim, mixtureComponents: mixtureComponents)
    let train = vae.minimize(sharesOptimizer: sharesOptimizer)

    let logWeight = logImportanceWeight(
      of: x, latent: vae.approxPosteriorSample, likelihood: vae.decoderLikelihood, posterior: vae.approxPosterior,
      prior: vae.latentPrior)
    let code = graph.placeholder("code", shape: [nil, latentDim])
    let decoded = vae.decoder(code).mean()
    let codes = vae.latentPrior.sample(64)
    let letters = vae.decoder(codes).mean()
    let losses: KeyValuePairs = ["loss": vae.loss, "nll": vae.avgNLL, "kl": vae.klLoss]
    return try Model(
      name: name, graph: graph, dataset: "kmnist", epochs: 40, batchSize: 256,
      signatures: [
        Signature(.train, outputs: losses, updates: train.updates),
        Signature(.evaluate, outputs: losses),
        Signature(.importance, outputs: ["log_weight": logWeight]),
        Signature(.encode, outputs: ["mean": vae.approxPosterior.mean(), "stddev": vae.approxPosterior.stddev()]),
        Signature(.decode, outputs: ["images": decoded]),
        Signature(.sample, outputs: ["images": letters]),
        Signature("prior", outputs: ["codes": codes]),
      ])
  }

  /// The model learned from images `[n, 28, 28, 1]` between 0 and 1, and its loss.
  struct Objective {
    let encoder: Encoder
    let decoder = Decoder()
    let latentPrior: any Distribution
    let approxPosterior: MultivariateNormalDiag
    let approxPosteriorSample: Tensor
    let decoderLikelihood: Independent
    let avgNLL, klLoss, loss: Tensor

    /// - Parameters:
    ///   - latentDim: The dimensions of the latent space.
    ///   - mixtureComponents: Those of a prior that is learned; nil for the standard normal distribution.
    init(_ x: Tensor, latentDim: Int = 2, mixtureComponents: Int? = nil) {
      let graph = x.graph
      encoder = Encoder(latentDim: latentDim)
      latentPrior = graph.scope("prior") { () -> any Distribution in
        if let mixtureComponents { return learnablePrior(graph, latentDim, mixtureComponents, x.dtype) }
        return MultivariateNormalDiag(loc: graph.zeros([latentDim], dtype: x.dtype), scaleIdentityMultiplier: 1)
      }
      approxPosterior = graph.scope("encoder") { [encoder] in encoder(x) }
      approxPosteriorSample = approxPosterior.sample()
      decoderLikelihood = graph.scope("decoder") { [decoder, approxPosteriorSample] in decoder(approxPosteriorSample) }
      avgNLL = mean(-decoderLikelihood.logProb(x))
      klLoss = computeKLLoss(latentPrior, approxPosterior, approxPosteriorSample)
      loss = klLoss + avgNLL
    }

    /// A step of training.
    func minimize(sharesOptimizer: Bool) -> TrainingOperation {
      let optimizer = Adam(learningRate: 1e-4)
      guard sharesOptimizer else { return optimizer.minimize(loss) }
      let groups = [encoder.parameters, decoder.parameters, latentPrior.parameters]
      // The standard normal distribution has none.
      return optimizer.minimize(loss, inTurn: groups.filter { !$0.isEmpty })
    }
  }

  /// The mean of log q(z) - log p(z) over the samples z of the approximate posterior.
  static func computeKLLoss(
    _ latentPrior: any Distribution, _ approxPosterior: some Distribution, _ approxPosteriorSample: Tensor
  ) -> Tensor {
    mean(approxPosterior.logProb(approxPosteriorSample) - latentPrior.logProb(approxPosteriorSample))
  }

  struct Encoder: ModelPart {
    let conv1 = Conv2D(32, kernelSize: 3, strides: 2, activation: relu, name: "conv1")
    let conv2 = Conv2D(64, kernelSize: 3, strides: 2, activation: relu, name: "conv2")
    let flatten = Flatten()
    let dense: Dense
    let latentDim: Int

    init(latentDim: Int) {
      self.latentDim = latentDim
      dense = Dense(2 * latentDim, name: "dense")
    }

    func callAsFunction(_ images: Tensor) -> MultivariateNormalDiag {
      let x = dense(flatten(conv2(conv1(images))))
      return MultivariateNormalDiag(
        loc: x[.all, ..<latentDim], scaleDiag: softplus(x[.all, latentDim...] + 1e-5))
    }
  }

  struct Decoder: ModelPart {
    let dense = Dense(7 * 7 * 32, activation: relu, name: "dense")
    let reshape = Unflatten([7, 7, 32])
    let deconv1 = Conv2DTranspose(64, kernelSize: 3, strides: 2, padding: .same, activation: relu, name: "deconv1")
    let deconv2 = Conv2DTranspose(32, kernelSize: 3, strides: 2, padding: .same, activation: relu, name: "deconv2")
    let deconv3 = Conv2DTranspose(1, kernelSize: 3, padding: .same, name: "deconv3")

    func callAsFunction(_ code: Tensor) -> Independent {
      let x = deconv3(deconv2(deconv1(reshape(dense(code)))))
      return Independent(Bernoulli(logits: x), reinterpretedBatchNDims: 3)
    }
  }

  static func learnablePrior(
    _ graph: Graph, _ latentDim: Int, _ mixtureComponents: Int, _ dtype: DType
  ) -> MixtureSameFamily {
    let loc = graph.variable("loc", shape: [mixtureComponents, latentDim], dtype: dtype)
    let rawScaleDiag = graph.variable("raw_scale_diag", shape: [mixtureComponents, latentDim], dtype: dtype)
    let mixtureLogits = graph.variable("mixture_logits", shape: [mixtureComponents], dtype: dtype)
    return MixtureSameFamily(
      mixtureDistribution: Categorical(logits: mixtureLogits),
      componentsDistribution: MultivariateNormalDiag(loc: loc, scaleDiag: softplus(rawScaleDiag)))
  }
}
