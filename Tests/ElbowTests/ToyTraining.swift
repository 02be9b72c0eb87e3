import Elbow
import Foundation

/// A regression with noise in its training step, on 23 examples in batches of 6.
struct ToyTraining {
  let model: Model
  private let library: URL

  init(optimizer: some Optimizer = Adam(learningRate: 0.01)) throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let y = graph.placeholder("y", shape: [nil])
    let hidden = Dense(4, activation: tanh)(x + 0.1 * graph.randomNormal([x.shape[0], 3]))
    let error = Dense(1)(hidden).sum(axes: [1]) - y
    let loss = mean(error * error)
    model = try Model(
      name: "toy", graph: graph,
      signatures: [
        Signature("train", outputs: ["loss": loss, "bias": mean(error)], updates: optimizer.minimize(loss).updates),
        Signature("evaluate", outputs: ["loss": loss]),
      ])
    library = try ModelCompiler(name: "toy", options: BuildOptions(optimization: 1))
      .compile(graph, model.signatures, cache: temporaryCache())
  }

  func trainer(seed: UInt64 = 7) throws -> Trainer {
    try Trainer(model, compiled: CompiledModel(contentsOf: library, seed: seed, threads: 1))
  }

  static func training(batchSize: Int = 6) throws -> DataPipeline {
    try DataPipeline(data(), batchSize: batchSize).shuffled(seed: 7)
  }

  static func validation() throws -> DataPipeline {
    try DataPipeline(data().split(at: 15).validation, batchSize: 6)
  }

  static func data() throws -> Dataset {
    var random = SplitMix64(seed: 1)
    let x = try HostArray.random(.float32, [23, 3], -1...1, &random)
    let values: [Float] = try x.values()
    let y = (0..<23).map { (row: Int) -> Float in
      values[3 * row] - 2 * values[3 * row + 1] * values[3 * row + 2]
    }
    return try Dataset(name: "toy", columns: [("x", x), ("y", HostArray(y))])
  }
}
