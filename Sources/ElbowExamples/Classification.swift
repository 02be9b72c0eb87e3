import Elbow

/// The classification example of "Variational Inference in TensorFlow" (Hafner 2018): a network gives the logits of a
/// categorical distribution, and the loss is the cross entropy.
public enum Classification {
  /// - Parameter hiddenUnits: The size of the hidden layer.
  public static func make(hiddenUnits: Int = 100) throws -> Model {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)

    let classifier = Objective((images.cast(to: .float32) / 255).flattened(), labels, hiddenUnits: hiddenUnits)
    let (dist, nll) = (classifier.dist, classifier.nll)
    let train = classifier.minimize()
    let accuracy = mean((dist.mode() .== labels).cast(to: .float32))
    return try Model(
      name: "cs20-classification", graph: graph, dataset: "digits",
      signatures: [
        Signature(.train, outputs: ["loss": nll, "nll": nll], updates: train.updates),
        Signature(.evaluate, outputs: ["loss": nll, "nll": nll, "accuracy": accuracy]),
        Signature(.predict, outputs: ["probs": dist.probs, "class": dist.mode()]),
      ])
  }

  /// The model learned from images of 784 pixels between 0 and 1 and from their labels, and its loss.
  struct Objective {
    let logit: Tensor
    let dist: Categorical
    let nll: Tensor

    init(_ pixels: Tensor, _ labels: Tensor, hiddenUnits: Int = 100) {
      let hidden = Dense(hiddenUnits, activation: relu, name: "hidden")(pixels)
      logit = Dense(10, name: "logit")(hidden)
      dist = Categorical(logits: logit)
      nll = mean(-dist.logProb(labels))  // Cross entropy
    }

    /// A step of training.
    func minimize() -> TrainingOperation { Adam(learningRate: 1e-3).minimize(nll) }
  }
}
