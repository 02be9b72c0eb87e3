import Elbow

// The workloads of dense layers: W1, W6, W7.
extension Workload {
  static func autoencoder(_ name: String, batch: Int, hidden: Int, latent: Int, _ noise: Noise) -> Workload {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 784])
    let prior = MultivariateNormalDiag(loc: graph.zeros(Shape([latent])), scaleDiag: graph.ones(Shape([latent])))
    let encoded = Dense(hidden, activation: relu, name: "encoder")(images)
    let posterior = MultivariateNormalDiag(
      loc: Dense(latent, name: "mean")(encoded), scaleDiag: Dense(latent, activation: softplus, name: "stddev")(encoded)
    )
    let code = posterior.loc + posterior.scaleDiag * noise.normal(graph, [nil, latent], batchOf: images)
    let inner = Dense(hidden, activation: relu, name: "decoder")
    let outer = Dense(784, name: "logits")
    let likelihood = Independent(Bernoulli(logits: outer(inner(code))), reinterpretedBatchNDims: 1)
    let elbo = evidenceLowerBound(of: images, likelihood: likelihood, posterior: posterior, prior: prior)
    let train = Adam(learningRate: 1e-3).minimize(-mean(elbo))
    let pixels = sigmoid(outer(inner(posterior.loc)))
    return Workload(
      name: name, batch: batch, graph: graph, train: train.signature(),
      infer: Signature("infer", outputs: ["mean": posterior.loc, "pixels": pixels]),
      layerMACs: [784 * hidden, hidden * latent, hidden * latent, latent * hidden, hidden * 784],
      inputs: .images([784]))
  }

  static func bayesianNetwork(_ name: String, _ noise: Noise) -> Workload {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 784])
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)
    func variable(_ name: String, _ extents: [Int], _ initializer: Initializer) -> Tensor {
      graph.variable(name, initialValue: initializer(extents, graph: graph, dtype: .float32))
    }
    let weights = Normal(
      loc: variable("mean", [784, 10], .glorotUniform), scale: softplus(variable("rho", [784, 10], .constant(-3))))
    let drawn = weights.loc + weights.scale * noise.normal(graph, [784, 10], batchOf: images)
    let logits = relu(matmul(images, drawn) + variable("bias", [10], .zeros))
    let kl = weights.klDivergence(Normal(in: graph, loc: 0, scale: 1)).sum()
    let loss = kl / 60000 - mean(Categorical(logits: logits).logProb(labels))
    return Workload(
      name: name, batch: 100, graph: graph, train: Adam(learningRate: 1e-3).minimize(loss).signature(),
      layerMACs: [784 * 10], inputs: .labelledImages([784]))
  }

  static func classifier(_ name: String) -> Workload {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 784])
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)
    let logits = Dense(10, name: "logits")(Dense(100, activation: relu, name: "hidden")(images))
    let loss = -mean(Categorical(logits: logits).logProb(labels))
    return Workload(
      name: name, batch: 100, graph: graph, train: Adam(learningRate: 1e-3).minimize(loss).signature(),
      layerMACs: [784 * 100, 100 * 10], inputs: .labelledImages([784]))
  }
}
