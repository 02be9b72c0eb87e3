import Elbow

// The convolutional auto-encoders: W2, W3, W4.
extension Workload {
  /// `kmnist-conv-vae`, with a standard normal prior or with one that is learned.
  static func convolutional(_ name: String, hasMixturePrior: Bool, _ noise: Noise) -> Workload {
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
    let prior: any Distribution =
      hasMixturePrior ? mixturePrior(graph) : MultivariateNormalDiag(loc: graph.zeros([2]), scaleDiag: graph.ones([2]))
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

  /// A mixture of 16 normal distributions of the plane, of which everything is learned.
  private static func mixturePrior(_ graph: Graph) -> MixtureSameFamily {
    graph.scope("prior") {
      let loc = graph.variable("loc", initialValue: graph.randomNormal([16, 2]))
      let rawScale = graph.variable("raw_scale_diag", initialValue: graph.full([16, 2], 0.5413))
      let logits = graph.variable("mixture_logits", initialValue: graph.zeros([16]))
      return MixtureSameFamily(
        mixtureDistribution: Categorical(logits: logits),
        componentsDistribution: MultivariateNormalDiag(loc: loc, scaleDiag: softplus(rawScale)))
    }
  }

  /// `tfp-layers-vae`.
  static func deepConvolutional(_ name: String, _ noise: Noise) -> Workload {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28, 1])
    let activation: Activation = { leakyRelu($0, alpha: 0.2) }
    func convolution(_ number: Int, _ filters: Int, strides: Int = 1) -> Conv2D {
      Conv2D(
        filters, kernelSize: 5, strides: SpatialPair(strides), padding: .same, activation: activation,
        name: "encoder/conv\(number)")
    }
    func transposed(_ number: Int, _ filters: Int, strides: Int = 1) -> Conv2DTranspose {
      Conv2DTranspose(
        filters, kernelSize: 5, strides: SpatialPair(strides), padding: .same, activation: activation,
        name: "decoder/deconv\(number)")
    }
    let encoder = Sequential {
      Lambda { $0 - 0.5 }
      convolution(1, 32)
      convolution(2, 32, strides: 2)
      convolution(3, 64)
      convolution(4, 64, strides: 2)
      Conv2D(64, kernelSize: 7, activation: activation, name: "encoder/conv5")
      Flatten()
      Dense(MultivariateNormalTriL.paramsSize(16), name: "encoder/dense")
    }
    let decoder = Sequential {
      Unflatten([1, 1, 16])
      Conv2DTranspose(64, kernelSize: 7, activation: activation, name: "decoder/deconv1")
      transposed(2, 64)
      transposed(3, 64, strides: 2)
      transposed(4, 32)
      transposed(5, 32, strides: 2)
      transposed(6, 32)
      Conv2D(1, kernelSize: 5, padding: .same, name: "decoder/conv7")
    }
    let posterior = MultivariateNormalTriL(params: encoder(images), eventSize: 16)
    let prior = MultivariateNormalDiag(loc: graph.zeros([16]), scaleDiag: graph.ones([16]))
    let (code, logPosterior) = posterior.sampleAndLogProb(noise: noise.normal(graph, [nil, 16], batchOf: images))
    let likelihood = Independent(Bernoulli(logits: decoder(code)), reinterpretedBatchNDims: 3)
    let loss = -mean(likelihood.logProb(images)) + mean(logPosterior - prior.logProb(code))
    return Workload(
      name: name, batch: 256, graph: graph, train: Adam(learningRate: 1e-3).minimize(loss).signature(),
      infer: Signature("infer", outputs: ["mean": posterior.loc, "pixels": sigmoid(decoder(posterior.loc))]),
      layerMACs: [
        784 * 25 * 32, 196 * 25 * 32 * 32, 196 * 25 * 32 * 64, 49 * 25 * 64 * 64, 49 * 64 * 64, 64 * 152,
        49 * 16 * 64, 49 * 25 * 64 * 64, 49 * 25 * 64 * 64, 196 * 25 * 64 * 32, 196 * 25 * 32 * 32,
        784 * 25 * 32 * 32, 784 * 25 * 32,
      ], inputs: .images([28, 28, 1]))
  }
}
