import Elbow

/// The variational auto-encoder of "Variational Inference in TensorFlow" (Hafner 2018): 784-100-2 and back, a Bernoulli
/// likelihood for each pixel, the divergence from the standard normal prior in closed form.
public enum VariationalAutoencoder {
  public static func make() throws -> Model {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let pixels = images.cast(to: .float32) / 255

    let prior = MultivariateNormalDiag(loc: graph.zeros([2]), scaleDiag: graph.ones([2]))
    let encoder = graph.scope("encoder") { Encoder() }
    let decoder = graph.scope("decoder") { Decoder() }

    let posterior = graph.scope("encoder") { encoder(pixels) }
    let latent = posterior.sample()
    let likelihood = graph.scope("decoder") { decoder(latent) }
    let nll = -likelihood.logProb(pixels)
    let kl = posterior.klDivergence(prior)
    let loss = mean(nll + kl)
    let train = Adam(learningRate: 1e-3).minimize(loss)

    let code = graph.placeholder("code", shape: [nil, 2])
    let decoded = graph.scope("decoder") { decoder(code).mean() }
    let samples = graph.scope("decoder") { decoder(prior.sample([100])).mean() }
    let logWeight = logImportanceWeight(
      of: pixels, latent: latent, likelihood: likelihood, posterior: posterior, prior: prior)
    let losses: KeyValuePairs = ["loss": loss, "nll": mean(nll), "kl": mean(kl)]
    return try Model(
      name: "cs20-vae", graph: graph, dataset: "digits",
      signatures: [
        Signature("train", outputs: losses, updates: train.updates),
        Signature("evaluate", outputs: losses),
        Signature("importance", outputs: ["log_weight": logWeight]),
        Signature("encode", outputs: ["mean": posterior.mean(), "stddev": posterior.stddev()]),
        Signature("decode", outputs: ["images": decoded]),
        Signature("sample", outputs: ["images": samples]),
      ])
  }

  struct Encoder {
    let hidden = Dense(100, activation: relu, name: "hidden")
    let mean = Dense(2, name: "mean")
    let stddev = Dense(2, activation: softplus, name: "stddev")

    func callAsFunction(_ images: Tensor) -> MultivariateNormalDiag {
      let hidden = hidden(images.flattened())
      return MultivariateNormalDiag(loc: mean(hidden), scaleDiag: stddev(hidden))
    }
  }

  struct Decoder {
    let hidden = Dense(100, activation: relu, name: "hidden")
    let logit = Dense(784, name: "logit")

    func callAsFunction(_ code: Tensor) -> Independent {
      let logits = logit(hidden(code)).reshaped([-1, 28, 28])
      return Independent(Bernoulli(logits: logits), reinterpretedBatchNDims: 2)
    }
  }
}
