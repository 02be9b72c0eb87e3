import ElbowArrays
import ElbowGraph
import ElbowProbability
import ElbowTraining
import TestSupport

@testable import ElbowExamples

/// The golden models, made by the files of the examples, with their own optimisers; only the inputs are numbers of any
/// precision instead of bytes, and the noise of draws is fed, so that they can be repeated.
struct GoldenModelBuilder {
  let graph = Graph()
  let dtype: DType
  let arrays: [String: HostArray]
  /// Losses, and intermediate values, by their names in the golden file: `loss/nll`, `act/z`.
  private(set) var outputs: [String: Tensor] = [:]
  /// The step of training.
  private(set) var step: TrainingOperation?
  /// The golden file's names of the weights that have another name in the example.
  private(set) var goldenNames: [String: String] = [:]

  /// - Parameter sharesOptimizer: Whether one optimiser's steps are counted over groups of weights, where that can be chosen.
  init(_ model: String, dtype: DType, sharesOptimizer: Bool = false) throws {
    self.dtype = dtype
    arrays = try GoldenFile.model(model)
    switch model {
    case "cs20_vae": makeVAE()
    case "bnn": makeBNN()
    case "flow_2d_a", "flow_2d_b": makeFlow()
    case "layers_vae": makeLayersVAE()
    case "r_conv_vae_mixture": makeConvolutionalVAE(mixtureComponents: 16, sharesOptimizer)
    case "r_conv_vae_static": makeConvolutionalVAE(mixtureComponents: nil, sharesOptimizer)
    case "regression": makeRegression()
    case "classification": makeClassification()
    default: throw ElbowError(.data, "There is no builder for the golden model '\(model)'.")
    }
  }

  /// The program of the step, with the outputs; the noise is an input, `eps`, where there is any.
  func program() throws -> Program {
    let step = try step.orThrow("The model has no step.")
    var signature = step.signature()
    signature.outputs = outputs.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) }
    signature.outputs += step.gradients.map { (name: "grad/\(goldenName(of: $0.variable))", tensor: $0.gradient) }
    let program = try graph.program(signature)
    return outputs["eps"] == nil ? program : try program.replacingDraw(byOutput: "eps")
  }

  /// The golden file's name of a weight.
  func goldenName(of weight: Tensor) -> String {
    let name = graph.declaration(of: weight)?.name ?? ""
    return goldenNames[name] ?? name
  }

  private func input(_ name: String, batch: Bool = true) -> Tensor {
    let array = arrays[name]
    // The draws of a step are one slice of all draws.
    var shape: [Int?] = name == "eps" ? [Int](array?.shape.dropFirst() ?? []) : array?.shape ?? []
    if batch { shape[0] = nil }
    return graph.placeholder(name, shape: shape, dtype: array?.dtype == .float32 ? dtype : .int32)
  }

  /// Images, and noise for each of them, which is as many from here on.
  private mutating func imagesWithNoise() -> Tensor {
    let (images, noise) = (input("x"), input("eps"))
    outputs["eps"] = noise
    _ = images.flattened()[TensorIndex.all, 0] + noise[TensorIndex.all, 0]
    return images
  }

  private mutating func makeVAE() {
    let images = imagesWithNoise()
    let vae = VariationalAutoencoder.Objective(images)
    outputs["act/posterior_loc"] = vae.posterior.loc
    outputs["act/posterior_scale"] = vae.posterior.scaleDiag
    outputs["act/z"] = vae.latent
    outputs["act/logits"] = logits(vae.likelihood)
    outputs["act/nll"] = vae.nll
    outputs["act/kl"] = vae.kl
    outputs["loss/nll"] = vae.nll.mean()
    outputs["loss/kl"] = vae.kl.mean()
    outputs["loss/total"] = vae.loss
    let bound = evidenceLowerBound(of: images, likelihood: vae.likelihood, posterior: vae.posterior, prior: vae.prior)
    outputs["elbo"] = -bound.mean()
    step = vae.minimize()
  }

  private mutating func makeConvolutionalVAE(mixtureComponents: Int?, _ sharesOptimizer: Bool) {
    let images = imagesWithNoise()
    let vae = ConvolutionalAutoencoder.Objective(images, mixtureComponents: mixtureComponents)
    outputs["act/posterior_loc"] = vae.approxPosterior.loc
    outputs["act/posterior_scale"] = vae.approxPosterior.scaleDiag
    outputs["act/z"] = vae.approxPosteriorSample
    outputs["act/logits"] = logits(vae.decoderLikelihood)
    outputs["act/nll"] = -vae.decoderLikelihood.logProb(images)
    outputs["loss/nll"] = vae.avgNLL
    outputs["loss/kl"] = vae.klLoss
    outputs["loss/total"] = vae.loss
    step = vae.minimize(sharesOptimizer: sharesOptimizer)
  }

  /// The golden model has a fourth of the text's channels, and numbers its layers.
  private mutating func makeLayersVAE() {
    let images = imagesWithNoise()
    let vae = LayersAutoencoder.Autoencoder(images, baseDepth: 8)
    let posterior = vae.encoder(images)
    let likelihood = vae.decoder(posterior)
    let nll = mean(-likelihood.logProb(images))
    let loss = vae.encoder.losses.reduce(nll, +)
    outputs["act/posterior_loc"] = posterior.loc
    outputs["act/posterior_scale_tril"] = posterior.scaleTriL
    outputs["act/z"] = posterior.tensor
    outputs["act/logits"] = logits(likelihood)
    outputs["act/nll"] = -likelihood.logProb(images)
    outputs["act/kl_analytic"] = posterior.klDivergence(vae.prior)
    outputs["loss/nll"] = nll
    outputs["loss/kl"] = vae.encoder.last.divergences[0]
    outputs["loss/total"] = loss
    step = vae.makeOptimizer().minimize(loss)
    let layers =
      (1...5).map { "encoder/conv\($0)" } + ["encoder/dense"] + (1...6).map { "decoder/deconv\($0)" } + [
        "decoder/conv7"
      ]
    let names = layers.flatMap { ["\($0)/kernel", "\($0)/bias"] }
    for (weight, name) in zip(graph.variables(role: .parameter), names) {
      goldenNames[graph.declaration(of: weight)?.name ?? ""] = name
    }
  }

  private mutating func makeFlow() {
    let x = input("x")
    let dist = BijectorFlow.distribution(in: graph, dtype: dtype)
    let flow = FlowModel.Objective(dist, x)
    outputs["act/inverse"] = dist.bijector.inverse(x)
    outputs["act/log_prob"] = flow.logProb
    outputs["loss/total"] = flow.loss
    step = BijectorFlow.makeOptimizer().minimize(flow.loss)
  }

  /// The golden model's divergence is the mean over the 784 rows of the weights, which is what a data set of 784 gives.
  private mutating func makeBNN() {
    outputs["eps"] = input("eps", batch: false)
    let bnn = BayesianNetwork.Objective(
      input("x"), input("labels"), datasetSize: graph.constant(784, dtype: dtype))
    outputs["act/kl"] = bnn.posterior.klDivergence(bnn.prior)
    outputs["loss/nll"] = bnn.nll
    outputs["loss/kl"] = bnn.kl
    outputs["loss/total"] = bnn.loss
    step = bnn.minimize()
  }

  /// The golden model has labels of ten numbers, and what scales the features is not in it.
  private mutating func makeRegression() {
    let regression = Regression.Objective(input("x"), input("labels"), size: 10)
    outputs["act/mean"] = regression.dist.loc
    outputs["loss/nll"] = regression.nll
    outputs["loss/total"] = regression.nll
    step = regression.minimize()
  }

  private mutating func makeClassification() {
    let classifier = Classification.Objective(input("x"), input("labels"))
    outputs["act/logits"] = classifier.logit
    outputs["loss/nll"] = classifier.nll
    outputs["loss/total"] = classifier.nll
    step = classifier.minimize()
  }

  private func logits(_ likelihood: Independent) -> Tensor? { (likelihood.distribution as? Bernoulli)?.logits }
}

extension Program {
  /// With an output, which is an input as well, in the place of the one draw of standard normal numbers,
  /// sqrt(-2 log u) cos(2 pi v).
  func replacingDraw(byOutput name: String) throws -> Program {
    let noise = try outputs.first { $0.name == name }.orThrow("The program has no output '\(name)'.").node
    let draws = nodes.indices.filter { index in
      let operands = nodes[index].inputs.map { nodes[$0].primitive }
      return nodes[index].primitive is Multiply && operands.first is SquareRoot && operands.last is Cos
    }
    guard let draw = draws.first, draws.count == 1, noise < draw, type(noise) == type(draw) else {
      throw ElbowError(.data, "The program has \(draws.count) draws, or noise of another type; expected one draw.")
    }
    var program = self
    for index in nodes.indices { program.nodes[index].inputs = nodes[index].inputs.map { $0 == draw ? noise : $0 } }
    return program
  }
}

extension Optional {
  fileprivate func orThrow(_ message: String) throws -> Wrapped {
    guard let value = self else { throw ElbowError(.data, message) }
    return value
  }
}
