import Elbow

/// The Bayesian neural network of "Variational Inference in TensorFlow" (Hafner 2018): the weights are random, and what
/// is learned is their distribution (Blundell et al. 2015).
///
/// The weights are shared by the whole data set, so each example bears its part of their divergence: the KL term is
/// divided by the size of the data set, which is fed.
public enum BayesianNetwork {
  public static func make() throws -> Model {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)
    let datasetSize = graph.placeholder("dataset_size", defaultValue: 5000)

    let pixels = (images.cast(to: .float32) / 255).flattened()
    let (dist, posterior, prior) = defineNetwork(pixels)
    let nll = -mean(dist.logProb(labels))
    let kl = posterior.klDivergence(prior).sum() / datasetSize
    let loss = nll + kl
    let train = Adam(learningRate: 1e-3).minimize(loss)

    let accuracy = mean((dist.mode() .== labels).cast(to: .float32))
    return try Model(
      name: "cs20-bnn", graph: graph, dataset: "digits",
      signatures: [
        Signature("train", outputs: ["loss": loss, "nll": nll, "kl": kl], updates: train.updates),
        Signature("evaluate", outputs: ["loss": loss, "nll": nll, "kl": kl, "accuracy": accuracy]),
        Signature("predict", outputs: ["probs": dist.probs, "class": dist.mode()]),
      ])
  }

  private static func defineNetwork(
    _ images: Tensor, classCount: Int = 10
  ) -> (dist: Categorical, posterior: MultivariateNormalDiag, prior: MultivariateNormalDiag) {
    func variable(_ name: String, _ shape: [Int], _ initializer: Initializer = .glorotUniform) -> Tensor {
      images.graph.variable(name, initialValue: initializer(shape, graph: images.graph, dtype: .float32))
    }
    let mean = variable("mean", [28 * 28, classCount])
    // softplus(-3) = 0.05. With the default initializer's 0.7 the noise kills the logits, for which relu has no way
    // back.
    let stddev = variable("stddev", [28 * 28, classCount], .constant(-3))
    let prior = MultivariateNormalDiag(loc: mean.zerosLike(), scaleDiag: stddev.onesLike())
    let posterior = MultivariateNormalDiag(loc: mean, scaleDiag: softplus(stddev))
    let bias = variable("bias", [classCount], .zeros)  // Or Bayesian, too
    let logit = relu(matmul(images, posterior.sample()) + bias)
    return (Categorical(logits: logit), posterior, prior)
  }
}
