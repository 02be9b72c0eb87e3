import Elbow

/// A model to measure, as Benchmarks/README.md defines it: its graph, its data and its work.
struct Workload {
  /// Of the layers, for FLOPs: in and out.
  typealias Layer = (inputs: Int, outputs: Int)

  /// `W1_b100`.
  let name: String
  let batch: Int
  let graph: Graph
  let train: Signature
  /// The encoder's mean and the decoder's pixels; nil for models without.
  let infer: Signature?
  let layers: [Layer]
  let hasLabels: Bool

  /// Floating-point operations of the dense layers, forward, for one example.
  var forwardFlops: Int { layers.reduce(0) { $0 + 2 * $1.inputs * $1.outputs } }

  static let names = ["W1_b100", "W1_b256", "W1b_b100", "W1b_b256", "W6", "W7"]

  static func make(_ name: String) throws -> Workload {
    switch name {
    case "W1_b100": autoencoder(name, batch: 100, hidden: 100, latent: 2)
    case "W1_b256": autoencoder(name, batch: 256, hidden: 100, latent: 2)
    case "W1b_b100": autoencoder(name, batch: 100, hidden: 512, latent: 20)
    case "W1b_b256": autoencoder(name, batch: 256, hidden: 512, latent: 20)
    case "W6": bayesianNetwork(name)
    case "W7": classifier(name)
    default:
      throw ElbowError(
        .invalidArgument, "There is no workload '\(name)'; there are \(names.joined(separator: ", ")).")
    }
  }

  private static func autoencoder(_ name: String, batch: Int, hidden: Int, latent: Int) -> Workload {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 784])
    let prior = MultivariateNormalDiag(loc: graph.zeros(Shape([latent])), scaleDiag: graph.ones(Shape([latent])))
    let encoded = Dense(hidden, activation: relu, name: "encoder")(images)
    let posterior = MultivariateNormalDiag(
      loc: Dense(latent, name: "mean")(encoded), scaleDiag: Dense(latent, activation: softplus, name: "stddev")(encoded)
    )
    let inner = Dense(hidden, activation: relu, name: "decoder")
    let outer = Dense(784, name: "logits")
    let likelihood = Independent(Bernoulli(logits: outer(inner(posterior.sample()))), reinterpretedBatchNDims: 1)
    let elbo = evidenceLowerBound(of: images, likelihood: likelihood, posterior: posterior, prior: prior)
    let train = Adam(learningRate: 1e-3).minimize(-mean(elbo))
    let pixels = sigmoid(outer(inner(posterior.loc)))
    return Workload(
      name: name, batch: batch, graph: graph, train: train.signature(),
      infer: Signature("infer", outputs: ["mean": posterior.loc, "pixels": pixels]),
      layers: [(784, hidden), (hidden, latent), (hidden, latent), (latent, hidden), (hidden, 784)], hasLabels: false)
  }

  private static func bayesianNetwork(_ name: String) -> Workload {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 784])
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)
    func variable(_ name: String, _ extents: [Int], _ initializer: Initializer) -> Tensor {
      graph.variable(name, initialValue: initializer(extents, graph: graph, dtype: .float32))
    }
    let weights = Normal(
      loc: variable("mean", [784, 10], .glorotUniform), scale: softplus(variable("rho", [784, 10], .constant(-3))))
    let logits = relu(matmul(images, weights.sample()) + variable("bias", [10], .zeros))
    let kl = weights.klDivergence(Normal(in: graph, loc: 0, scale: 1)).sum()
    let loss = kl / 60000 - mean(Categorical(logits: logits).logProb(labels))
    return Workload(
      name: name, batch: 100, graph: graph, train: Adam(learningRate: 1e-3).minimize(loss).signature(), infer: nil,
      layers: [(784, 10)], hasLabels: true)
  }

  private static func classifier(_ name: String) -> Workload {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 784])
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)
    let logits = Dense(10, name: "logits")(Dense(100, activation: relu, name: "hidden")(images))
    let loss = -mean(Categorical(logits: logits).logProb(labels))
    return Workload(
      name: name, batch: 100, graph: graph, train: Adam(learningRate: 1e-3).minimize(loss).signature(), infer: nil,
      layers: [(784, 100), (100, 10)], hasLabels: true)
  }

  /// Twenty batches of binarized images, a fifth of the pixels set, with uniform labels.
  func data(batch: Int) throws -> [[HostArray]] {
    var generator = SplitMix64(seed: 1)
    return try (0..<20).map { _ in
      let pixels = (0..<batch * 784).map { _ in Float(generator.next() % 5 == 0 ? 1 : 0) }
      let images = try HostArray(pixels, shape: [batch, 784])
      guard hasLabels else { return [images] }
      return [images, HostArray((0..<batch).map { _ in Int32(generator.next() % 10) })]
    }
  }
}
