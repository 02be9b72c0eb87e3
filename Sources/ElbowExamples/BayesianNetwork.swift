import Elbow

/// The Bayesian neural network of "Variational Inference in TensorFlow" (Hafner 2018): the weights are random, and what
/// is learned is their distribution (Blundell et al. 2015).
///
/// The weights are shared by the whole data set, so each example bears its part of their divergence: the KL term is
/// divided by the size of the data set, which is fed.
public enum BayesianNetwork {
  /// The model: it takes images of 28 x 28 pixels and labels of 10 classes.
  ///
  /// - Throws: `ElbowError` if the graph has a mistake.
  public static func make() throws -> Model {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)
    let datasetSize = graph.placeholder("dataset_size", defaultValue: 5000)

    let pixels = (images.cast(to: .float32) / 255).flattened()
    let bnn = Objective(pixels, labels, datasetSize: datasetSize)
    let train = bnn.minimize()

    let accuracy = mean((bnn.dist.mode() .== labels).cast(to: .float32))
    return try Model(
      name: "cs20-bnn", graph: graph, dataset: "digits",
      signatures: [
        Signature(.train, outputs: ["loss": bnn.loss, "nll": bnn.nll, "kl": bnn.kl], updates: train.updates),
        Signature(.evaluate, outputs: ["loss": bnn.loss, "nll": bnn.nll, "kl": bnn.kl, "accuracy": accuracy]),
        Signature(.predict, outputs: ["probs": bnn.dist.probs, "class": bnn.dist.mode()]),
      ])
  }

  /// The model learned from images of 784 pixels between 0 and 1 and from their labels, and its loss.
  struct Objective {
    let dist: Categorical
    let posterior, prior: MultivariateNormalDiag
    let nll, kl, loss: Tensor

    init(_ pixels: Tensor, _ labels: Tensor, datasetSize: Tensor) {
      (dist, posterior, prior) = defineNetwork(pixels)
      nll = -mean(dist.logProb(labels))
      kl = posterior.klDivergence(prior).sum() / datasetSize
      loss = nll + kl
    }

    /// A step of training.
    func minimize() -> TrainingOperation { Adam(learningRate: 1e-3).minimize(loss) }
  }

  private static func defineNetwork(
    _ images: Tensor, classCount: Int = 10
  ) -> (dist: Categorical, posterior: MultivariateNormalDiag, prior: MultivariateNormalDiag) {
    let (graph, dtype) = (images.graph, images.dtype)
    let mean = graph.variable("mean", shape: [28 * 28, classCount], dtype: dtype)
    // softplus(-3) = 0.05. With the default initializer's 0.7 the noise kills the logits, for which relu has no way
    // back.
    let stddev = graph.variable("stddev", shape: [28 * 28, classCount], initializer: .constant(-3), dtype: dtype)
    let prior = MultivariateNormalDiag(loc: mean.zerosLike(), scaleDiag: stddev.onesLike())
    let posterior = MultivariateNormalDiag(loc: mean, scaleDiag: softplus(stddev))
    let bias = graph.variable("bias", shape: [classCount], initializer: .zeros, dtype: dtype)  // Or Bayesian, too
    let logit = relu(matmul(images, posterior.sample()) + bias)
    return (Categorical(logits: logit), posterior, prior)
  }
}
