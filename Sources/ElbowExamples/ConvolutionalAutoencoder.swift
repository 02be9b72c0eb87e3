import Elbow

/// The convolutional auto-encoders of "Getting started with TensorFlow Probability from R" (Keydana 2019), which learn
/// Kuzushiji-MNIST: a latent space of two dimensions, and a prior that is given or learned.
public enum ConvolutionalAutoencoder {
  static let latentSize = 2

  /// With the standard normal distribution as the prior.
  ///
  /// - Parameter sharesOptimizer: Whether one optimiser's steps are counted over the gradients of encoder and decoder, as the
  ///   text's code does, or all gradients of a batch are one step.
  public static func make(sharesOptimizer: Bool = true) throws -> Model {
    try make("kmnist-vae", sharesOptimizer)
  }

  /// With a mixture of 16 normal distributions as the prior, of which everything is learned.
  public static func makeWithMixture(sharesOptimizer: Bool = true) throws -> Model {
    try make("kmnist-vae-mixture", sharesOptimizer, mixtureComponents: 16)
  }

  private static func make(_ name: String, _ sharesOptimizer: Bool, mixtureComponents: Int? = nil) throws -> Model {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let x = images.cast(to: .float32).reshaped([-1, 28, 28, 1]) / 255
    let vae = Objective(x, mixtureComponents: mixtureComponents)
    let train = vae.minimize(sharesOptimizer: sharesOptimizer)

    let logWeight = logImportanceWeight(
      of: x, latent: vae.approxPosteriorSample, likelihood: vae.decoderLikelihood, posterior: vae.approxPosterior,
      prior: vae.latentPrior)
    let code = graph.placeholder("code", shape: [nil, latentSize])
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
    let encoder = Encoder()
    let decoder = Decoder()
    let latentPrior: any Distribution
    let approxPosterior: MultivariateNormalDiag
    let approxPosteriorSample: Tensor
    let decoderLikelihood: Independent
    let avgNLL, klLoss, loss: Tensor

    /// - Parameter mixtureComponents: Those of a prior that is learned; nil for the standard normal distribution.
    init(_ x: Tensor, mixtureComponents: Int? = nil) {
      let graph = x.graph
      latentPrior = graph.scope("prior") { () -> any Distribution in
        if let mixtureComponents { return learnablePrior(graph, mixtureComponents, x.dtype) }
        return MultivariateNormalDiag(in: graph, loc: [0.0, 0.0], scaleIdentityMultiplier: 1.0, dtype: x.dtype)
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
    let dense = Dense(2 * latentSize, name: "dense")

    func callAsFunction(_ images: Tensor) -> MultivariateNormalDiag {
      let x = dense(flatten(conv2(conv1(images))))
      return MultivariateNormalDiag(
        loc: x[.all, ..<latentSize], scaleDiag: softplus(x[.all, latentSize...] + 1e-5))
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

  static func learnablePrior(_ graph: Graph, _ mixtureComponents: Int, _ dtype: DType) -> MixtureSameFamily {
    let loc = graph.variable("loc", shape: [mixtureComponents, latentSize], dtype: dtype)
    let rawScaleDiag = graph.variable("raw_scale_diag", shape: [mixtureComponents, latentSize], dtype: dtype)
    let mixtureLogits = graph.variable("mixture_logits", shape: [mixtureComponents], dtype: dtype)
    return MixtureSameFamily(
      mixtureDistribution: Categorical(logits: mixtureLogits),
      componentsDistribution: MultivariateNormalDiag(loc: loc, scaleDiag: softplus(rawScaleDiag)))
  }
}
