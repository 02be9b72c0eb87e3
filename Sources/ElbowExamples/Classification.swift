import Elbow

/// The classification example of "Variational Inference in TensorFlow" (Hafner 2018): a network gives the logits of a
/// categorical distribution, and the loss is the cross entropy.
public enum Classification {
  public static func make() throws -> Model {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 28, 28], dtype: .uint8)
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)

    let hidden = Dense(100, activation: relu, name: "hidden")((images.cast(to: .float32) / 255).flattened())
    let logit = Dense(10, name: "logit")(hidden)
    let dist = Categorical(logits: logit)

    let nll = mean(-dist.logProb(labels))  // Cross entropy
    let train = Adam(learningRate: 1e-3).minimize(nll)
    let accuracy = mean((dist.mode() .== labels).cast(to: .float32))
    return try Model(
      name: "cs20-classification", graph: graph, dataset: "digits",
      signatures: [
        Signature("train", outputs: ["loss": nll, "nll": nll], updates: train.updates),
        Signature("evaluate", outputs: ["loss": nll, "nll": nll, "accuracy": accuracy]),
        Signature("predict", outputs: ["probs": dist.probs, "class": dist.mode()]),
      ])
  }
}
