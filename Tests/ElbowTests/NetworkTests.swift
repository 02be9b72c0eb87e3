import Elbow
import Foundation
import Testing

/// Networks that are compiled and fitted as Keras's are.
@Suite struct NetworkTests {
  private static let options = BuildOptions(optimization: 1)

  /// The model of the TFP layers tutorial in small: the loss is a function of data and distribution, and the encoder adds the
  /// divergence.
  @Test func aProbabilisticAutoencoder() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let prior = MultivariateNormalDiag(loc: graph.zeros([2]), scaleDiag: graph.ones([2]))
    let encoder = ProbabilisticSequential {
      Dense(MultivariateNormalTriLLayer.paramsSize(2))
      MultivariateNormalTriLLayer(2, activityRegularizer: KLDivergenceRegularizer(prior, usesExactKL: true))
    }
    let decoder = ProbabilisticSequential {
      Dense(IndependentNormalLayer.paramsSize([3]))
      IndependentNormalLayer([3])
    }
    let network = Network(inputs: x, parts: [encoder, decoder]) { x, training in
      decoder(encoder(x, training: training), training: training)
    }
    #expect(throws: ElbowError.self) { try network.fit(ToyTraining.data()) }
    try network.compile(
      optimizer: Adam(learningRate: 0.01), loss: { x, rvX in -rvX.logProb(x) },
      metrics: [Metric("nll") { x, rvX in -rvX.logProb(x) }],
      signatures: [
        Signature("kl", outputs: ["kl": encoder(x).klDivergence(prior).mean()])
      ], seed: 5, options: NetworkTests.options)
    let data = try ToyTraining.data()
    let report = try network.fit(data, batchSize: 6, epochs: 30, validationData: data, seed: 5)
    #expect(report.epochs.count == 30)
    #expect(report["loss"][29] < report["loss"][0] && report["val_loss"][29] < report["val_loss"][0])
    // What the loss has besides the metric is the encoder's divergence, which does not depend on the noise.
    let figures = try network.evaluate(data, batchSize: 23)
    let kl = try #require(try network.compiled.run("kl", inputs: ["x": data["x"]])["kl"]?.doubles.first)
    #expect(figures.map(\.name) == ["loss", "nll"])
    #expect(abs(figures[0].value - figures[1].value - kl) < 1e-5)
    #expect(try network.predict(["x": data["x"]]).shape == [23, 3])
  }

  @Test func trainingAndEvaluationAreApart() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let labels = graph.placeholder("label", shape: [nil], dtype: .int32)
    let network = Network(
      inputs: x,
      Sequential {
        Dense(8, activation: relu)
        BatchNormalization(momentum: 0.9)
        Dropout(0.2)
        Dense(2)
      })
    try network.compile(
      optimizer: Adam(learningRate: 0.05), targets: labels,
      loss: { -Categorical(logits: $1).logProb($0) }, metrics: [.accuracy], options: NetworkTests.options)
    let source = try ToyTraining.data()
    let values: [Float] = try source["x"].values()
    let data = try Dataset(columns: [
      ("x", source["x"]), ("label", HostArray((0..<23).map { Int32(values[3 * $0] > values[3 * $0 + 1] ? 1 : 0) })),
    ])
    try network.fit(data, batchSize: 8, epochs: 40)
    let figures = try network.evaluate(data)
    #expect(figures.map(\.name) == ["loss", "accuracy"])
    #expect(figures[1].value > 0.9)
    // Nothing random is left, and batches do not matter.
    let again = try network.evaluate(data, batchSize: 5)
    #expect(zip(figures, again).allSatisfy { abs($0.value - $1.value) < 1e-5 })
    #expect(try network.model.signatures.map(\.name) == ["train", "evaluate", "predict"])
    let logits = try network.predict(["x": data["x"]]).doubles
    let labelsFound = (0..<23).map { logits[2 * $0] < logits[2 * $0 + 1] ? 1.0 : 0 }
    let right = zip(labelsFound, try data["label"].doubles).filter { $0 == $1 }.count
    #expect(abs(Double(right) / 23 - figures[1].value) < 1e-6)
  }

  @Test func mistakes() throws {
    func message(_ body: () throws -> Void) -> String {
      #expect(throws: ElbowError.self, performing: body)?.message ?? ""
    }
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let normalization = BatchNormalization()
    let layers = Sequential {
      Dense(3)
      normalization
    }
    let forgotten = Network(inputs: x, parts: []) { layers($0, training: $1) }
    #expect(
      message { try forgotten.compile(optimizer: SGD(), loss: { $1 - $0 }) }
        == "No training step would change 'batch_normalization/moving_mean': the layer it belongs to is missing in "
        + "Network(inputs:parts:), or is not called with training.")
    #expect(
      message { _ = try forgotten.predict([:]) }
        == "The network is not compiled yet: call compile(optimizer:loss:) first.")
    let network = try NetworkTests.linear()
    let data = try ToyTraining.data()
    #expect(
      message { try network.fit(Dataset(name: "wrong", columns: [("x", HostArray(zeros: [5, 4]))])) }
        == "The model takes 'x' as float32[n, 3], but the data set's column is float32[n, 4].")
    #expect(
      message { try network.fit(Dataset(name: "wrong", columns: [("y", HostArray(zeros: [5, 3]))])) }
        == "The model takes 'x' (float32[n, 3]), but the data set has no such column.")
    #expect(message { try network.fit(data.prefix(0)) } == "The data set toy has no examples to make batches of.")
    #expect(message { try network.fit(data, batchSize: 0) } == "A batch needs at least 1 example, not 0.")
    #expect(message { try network.fit(data, epochs: 0) } == "Training takes at least 1 epoch, not 0.")
    #expect(
      message { try network.fit(data, callbacks: [EarlyStopping(patience: 2)]) }
        == "EarlyStopping goes by 'val_loss', but the epochs have no such figure: they have 'loss'.")
    // A batch above the data is one of all.
    #expect(try network.fit(data, batchSize: 1000, epochs: 2).stepCount == 2)
  }

  private static func linear() throws -> Network<Tensor> {
    let graph = Graph()
    let network = Network(inputs: graph.placeholder("x", shape: [nil, 3]), Dense(3))
    try network.compile(
      optimizer: SGD(learningRate: 0.1), loss: { ($1 - $0) * ($1 - $0) }, options: NetworkTests.options)
    return network
  }

  /// Two networks of one graph: each trains its own weights.
  @Test func twoNetworksOfOneGraph() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let networks = ["a", "b"].map { Network(inputs: x, Dense(3, name: $0)) }
    for network in networks {
      try network.compile(optimizer: SGD(), loss: { ($1 - $0) * ($1 - $0) }, options: NetworkTests.options)
    }
    let updates = try networks[1].model.train?.updates.compactMap { graph.declaration(of: $0.variable)?.name }
    #expect(updates == ["b/kernel", "b/bias"])
    #expect(try networks[0].fit(ToyTraining.data(), epochs: 1).stepCount == 1)
  }

  /// Transformed batches, made ahead by another thread, train as the same batches made in time.
  @Test func transformedBatches() throws {
    let data = try DataPipeline(ToyTraining.data(), batchSize: 6).shuffled(bufferSize: 10, seed: 2).mapped { batch, _ in
      let values: [Float] = try batch.columns[0].array.values()
      return try Batch([("x", HostArray(values.map { 2 * $0 }, shape: [batch.count, 3]))])
    }
    var losses: [[Double]] = []
    for pipeline in [data, data.prefetched(3)] {
      losses.append(try NetworkTests.linear().fit(pipeline, epochs: 4, validationData: pipeline)["val_loss"])
    }
    #expect(losses[0].count == 4 && losses[0] == losses[1])
  }

  @Test func historiesAreWritten() throws {
    var report = TrainingReport()
    for epoch in 1...2 {
      report.epochs.append(
        EpochSummary(
          epoch: epoch, losses: [NamedLoss(name: "loss", value: 1 / Double(epoch)), NamedLoss(name: "a,b", value: 2)],
          validation: [NamedLoss(name: "loss", value: 3)], seconds: 0.5))
    }
    #expect(report.csv == "epoch,loss,\"a,b\",val_loss,seconds\n1,1.0,2.0,3.0,0.5\n2,0.5,2.0,3.0,0.5\n")
    #expect(
      try report.json == #"[{"a,b":2,"epoch":1,"loss":1,"seconds":0.5,"val_loss":3},"#
        + #"{"a,b":2,"epoch":2,"loss":0.5,"seconds":0.5,"val_loss":3}]"#)
    #expect(report["loss"] == [1, 0.5] && report["nothing"].isEmpty)
  }
}
