import Elbow

/// A model to measure, as Benchmarks/README.md defines it: its graph, its data and its work.
struct Workload {
  /// What is fed besides noise.
  enum Inputs {
    /// Binarized images of a shape.
    case images([Int])
    /// Binarized images, and a label for each.
    case labelledImages([Int])
    /// Points of the plane.
    case points
  }

  /// `W1_b100`.
  let name: String
  let batch: Int
  let graph: Graph
  let train: Signature
  /// The encoder's mean and the decoder's pixels; nil for models without.
  var infer: Signature?
  /// Of the layers, in order, multiply-adds for one example.
  let layerMACs: [Int]
  /// Whether the gradient by the first layer's input is not needed by anyone.
  var firstInputIsData = true
  let inputs: Inputs

  /// Floating-point operations of the layers, forward, for one example.
  var forwardFlops: Int { 2 * layerMACs.reduce(0, +) }
  /// Those of the gradient by the first layer's input, which a training step can leave out.
  var needlessFlops: Int { firstInputIsData ? 2 * (layerMACs.first ?? 0) : 0 }

  static let names = [
    "W1_b100", "W1_b256", "W1b_b100", "W1b_b256", "W2", "W3", "W4", "W5", "W5x6", "W6", "W7",
  ]

  /// A workload by its name.
  ///
  /// - Parameter noise: Where its random numbers come from; fed ones make a step repeatable in another framework.
  static func make(_ name: String, noise: Noise = .drawn) throws -> Workload {
    switch name {
    case "W1_b100": autoencoder(name, batch: 100, hidden: 100, latent: 2, noise)
    case "W1_b256": autoencoder(name, batch: 256, hidden: 100, latent: 2, noise)
    case "W1b_b100": autoencoder(name, batch: 100, hidden: 512, latent: 20, noise)
    case "W1b_b256": autoencoder(name, batch: 256, hidden: 512, latent: 20, noise)
    case "W2": convolutional(name, hasMixturePrior: false, noise)
    case "W3": convolutional(name, hasMixturePrior: true, noise)
    case "W4": deepConvolutional(name, noise)
    case "W5": flow(name, pairs: 1)
    case "W5x6": flow(name, pairs: 6)
    case "W6": bayesianNetwork(name, noise)
    case "W7": classifier(name)
    default:
      throw ElbowError(
        .invalidArgument, "There is no workload '\(name)'; there are \(names.joined(separator: ", ")).")
    }
  }
}

/// Where the standard normal numbers of a workload come from.
enum Noise {
  /// Drawn anew in every step.
  case drawn
  /// Fed, as the placeholder `noise`.
  case fed

  /// Normal numbers of a shape; nil stands for the batch.
  func normal(_ graph: Graph, _ shape: [Int?], batchOf images: Tensor) -> Tensor {
    switch self {
    case .fed: graph.placeholder("noise", shape: shape)
    case .drawn: graph.randomNormal(Shape(shape.map { $0.map { Dimension($0) } ?? images.shape[0] }))
    }
  }
}
