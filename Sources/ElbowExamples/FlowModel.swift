import Elbow

/// What the flows have in common: points that are learned by maximum likelihood.
enum FlowModel {
  static func make(
    _ name: String, _ dist: TransformedDistribution, dataset: String, optimizer: Adam, epochs: Int
  ) throws -> Model {
    let graph = dist.graph
    let points = graph.placeholder("points", shape: [nil, 2])
    let logProb = dist.logProb(points)
    let loss = -mean(logProb)
    let train = optimizer.minimize(loss)
    return try Model(
      name: name, graph: graph, dataset: dataset, epochs: epochs,
      signatures: [
        Signature("train", outputs: ["loss": loss], updates: train.updates),
        Signature("evaluate", outputs: ["loss": loss]),
        Signature("log_prob", outputs: ["log_prob": logProb]),
        Signature("sample", outputs: ["points": dist.sample([1000])]),
      ])
  }
}
