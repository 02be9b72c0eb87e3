import Elbow

/// The common part of the flows: points that are learned by maximum likelihood.
enum FlowModel {
  static func make(
    _ name: String, _ dist: TransformedDistribution, dataset: String, optimizer: Adam, epochs: Int
  ) throws -> Model {
    let graph = dist.graph
    let points = graph.placeholder("points", shape: [nil, 2])
    let flow = Objective(dist, points)
    let train = optimizer.minimize(flow.loss)
    return try Model(
      name: name, graph: graph, dataset: dataset, epochs: epochs,
      signatures: [
        Signature(.train, outputs: ["loss": flow.loss], updates: train.updates),
        Signature(.evaluate, outputs: ["loss": flow.loss]),
        Signature(.logProb, outputs: ["log_prob": flow.logProb]),
        Signature(.sample, outputs: ["points": dist.sample([1000])]),
      ])
  }

  /// The log densities of points `[n, 2]`, and the loss of these.
  struct Objective {
    let logProb, loss: Tensor

    init(_ dist: TransformedDistribution, _ points: Tensor) {
      logProb = dist.logProb(points)
      loss = -mean(logProb)
    }
  }
}
