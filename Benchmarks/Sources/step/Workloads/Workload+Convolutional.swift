import Elbow

// The convolutional auto-encoders: W2.
extension Workload {
  /// `kmnist-conv-vae`, of the R tutorial.
  static func convolutional(_ name: String, _ noise: Noise) -> Workload {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28, 1])
    let encoder = Sequential {
      Conv2D(32, kernelSize: 3, strides: 2, activation: relu, name: "encoder/conv1")
      Conv2D(64, kernelSize: 3, strides: 2, activation: relu, name: "encoder/conv2")
      Flatten()
      Dense(4, name: "encoder/dense")
    }
    let decoder = Sequential {
      Dense(7 * 7 * 32, activation: relu, name: "decoder/dense")
      Unflatten([7, 7, 32])
      Conv2DTranspose(64, kernelSize: 3, strides: 2, padding: .same, activation: relu, name: "decoder/deconv1")
      Conv2DTranspose(32, kernelSize: 3, strides: 2, padding: .same, activation: relu, name: "decoder/deconv2")
      Conv2DTranspose(1, kernelSize: 3, padding: .same, name: "decoder/deconv3")
    }
    let encoded = encoder(images)
    let posterior = MultivariateNormalDiag(
      loc: encoded[TensorIndex.all, ..<2], scaleDiag: softplus(encoded[TensorIndex.all, 2...] + 1e-5))
    let prior = MultivariateNormalDiag(loc: graph.zeros([2]), scaleDiag: graph.ones([2]))
    let code = posterior.loc + posterior.scaleDiag * noise.normal(graph, [nil, 2], batchOf: images)
    let likelihood = Independent(Bernoulli(logits: decoder(code)), reinterpretedBatchNDims: 3)
    let kl = posterior.logProb(code) - prior.logProb(code)
    let loss = -mean(likelihood.logProb(images)) + mean(kl)
    return Workload(
      name: name, batch: 256, graph: graph, train: Adam(learningRate: 1e-4).minimize(loss).signature(),
      infer: Signature("infer", outputs: ["mean": posterior.loc, "pixels": sigmoid(decoder(posterior.loc))]),
      layerMACs: [
        13 * 13 * 9 * 32, 6 * 6 * 9 * 32 * 64, 2304 * 4, 2 * 1568, 7 * 7 * 9 * 32 * 64, 14 * 14 * 9 * 64 * 32,
        28 * 28 * 9 * 32,
      ], inputs: .images([28, 28, 1]))
  }
}
