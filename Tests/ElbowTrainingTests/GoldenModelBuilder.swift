import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowProbability
import ElbowTraining
import TestSupport

/// The golden models, written as a user would; only the noise of samples is fed, so that they can be repeated.
struct GoldenModelBuilder {
  let graph = Graph()
  let dtype: DType
  let arrays: [String: HostArray]
  /// What losses, and intermediate values, go by in the golden file: `loss/nll`, `act/z`.
  var outputs: [String: Tensor] = [:]
  var total: Tensor?

  init(_ model: String, dtype: DType) throws {
    self.dtype = dtype
    arrays = try GoldenFile.model(model)
    switch model {
    case "cs20_vae": makeVAE()
    case "bnn": makeBNN()
    case "flow_2d_a", "flow_2d_b": makeFlow()
    case "layers_vae": makeLayersVAE()
    case "r_conv_vae_mixture", "r_conv_vae_static": makeConvolutionalVAE(withMixture: model == "r_conv_vae_mixture")
    case "regression": makeRegression()
    case "classification": makeClassification()
    default: throw ElbowError(.data, "There is no builder for the golden model '\(model)'.")
    }
  }

  func input(_ name: String, batch: Bool = true) -> Tensor {
    let array = arrays[name]
    // The draws of a step are one slice of all draws.
    var shape: [Int?] = name == "eps" ? [Int](array?.shape.dropFirst() ?? []) : array?.shape ?? []
    if batch { shape[0] = nil }
    return graph.placeholder(name, shape: shape, dtype: array?.dtype == .float32 ? dtype : .int32)
  }

  mutating func finish(nll: Tensor, kl: Tensor? = nil) {
    let loss = kl.map { nll.mean() + $0.mean() } ?? nll.mean()
    outputs["act/nll"] = nll
    outputs["loss/nll"] = nll.mean()
    if let kl {
      outputs["act/kl"] = kl
      outputs["loss/kl"] = kl.mean()
    }
    outputs["loss/total"] = loss
    total = loss
  }

  private mutating func makeVAE() {
    let images = input("x")
    let prior = MultivariateNormalDiag(loc: graph.zeros([2], dtype: dtype), scaleDiag: graph.ones([2], dtype: dtype))
    let posterior = graph.scope("encoder") {
      let hidden = Dense(100, activation: relu, name: "hidden")(images.flattened())
      return MultivariateNormalDiag(
        loc: Dense(2, name: "mean")(hidden), scaleDiag: Dense(2, activation: softplus, name: "stddev")(hidden))
    }
    let z = posterior.loc + posterior.scaleDiag * input("eps")
    let logits = graph.scope("decoder") {
      let hidden = Dense(100, activation: relu, name: "hidden")(z)
      return Dense(28 * 28, name: "logit")(hidden).reshaped([-1, 28, 28])
    }
    let likelihood = Independent(Bernoulli(logits: logits), reinterpretedBatchNDims: 2)
    outputs["act/posterior_loc"] = posterior.loc
    outputs["act/posterior_scale"] = posterior.scaleDiag
    outputs["act/z"] = z
    outputs["act/logits"] = logits
    finish(nll: -likelihood.logProb(images), kl: posterior.klDivergence(prior))
    outputs["elbo"] = -evidenceLowerBound(of: images, likelihood: likelihood, posterior: posterior, prior: prior).mean()
  }

  private mutating func makeBNN() {
    func weight(_ name: String) -> Tensor {
      graph.variable(name, initialValue: graph.zeros(Shape(arrays["init/\(name)"]?.shape ?? []), dtype: dtype))
    }
    let mean = weight("mean")
    let prior = MultivariateNormalDiag(loc: mean.zerosLike(), scaleDiag: mean.onesLike())
    let posterior = MultivariateNormalDiag(loc: mean, scaleDiag: softplus(weight("stddev")))
    let sample = posterior.loc + posterior.scaleDiag * input("eps", batch: false)
    let logits = relu(matmul(input("x"), sample) + weight("bias"))
    outputs["act/logits"] = logits
    outputs["act/weight_sample"] = sample
    finish(nll: -Categorical(logits: logits).logProb(input("labels")), kl: posterior.klDivergence(prior))
  }

  private mutating func makeRegression() {
    let hidden = Dense(100, activation: relu, name: "hidden")(input("x"))
    let mean = Dense(10, name: "mean")(hidden)
    outputs["act/mean"] = mean
    finish(nll: -MultivariateNormalDiag(loc: mean, scaleDiag: mean.onesLike()).logProb(input("labels")))
  }

  private mutating func makeClassification() {
    let hidden = Dense(100, activation: relu, name: "hidden")(input("x"))
    let logits = Dense(10, name: "logit")(hidden)
    outputs["act/logits"] = logits
    finish(nll: -Categorical(logits: logits).logProb(input("labels")))
  }
}
