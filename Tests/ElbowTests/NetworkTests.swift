import Foundation
import Testing

@testable import Elbow

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
    // The loss's part besides the metric is the encoder's divergence, which does not depend on the noise.
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
    let line = #line + 3
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
    let wrong = try Dataset(
      name: "wrong", columns: [("x", HostArray(zeros: [3, 3])), ("label", HostArray([0, 2, 1] as [Int32]))])
    for use in [{ _ = try network.evaluate(wrong) }, { _ = try network.fit(wrong) }] {
      let error = #expect(throws: ElbowError.self, performing: use)
      #expect(
        error?.message
          == "The column 'label' of wrong holds 2 in row 1, but 'logProb' of Categorical takes the numbers of "
          + "classes, from 0 to 1.")
      #expect(error?.location?.line == line)
    }
    _ = try network.evaluate(wrong.prefix(1))
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
    let forgotten = Network(inputs: x, parts: [layers]) { x, _ in layers(x) }
    #expect(
      message { try forgotten.compile(optimizer: SGD(), loss: { $1 - $0 }) }
        == "No training step would change 'batch_normalization/moving_mean': the layer it belongs to is not called with "
        + "training, or is missing in Network(inputs:parts:).")
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
    #expect(
      message { try network.fit(data, callbacks: [EarlyStopping(patience: -1)]) }
        == "EarlyStopping waits for a number of epochs of at least 0 for a figure that is better by at least 0, not -1 and 0.0."
    )
    #expect(
      message { try network.fit(data, callbacks: [EarlyStopping(minDelta: .nan)]) }.hasSuffix("not 0 and nan."))
    // A batch above the data is one of all.
    #expect(try network.fit(data, batchSize: 1000, epochs: 2).stepCount == 2)
  }

  /// Two layers are made anew by each call of the function, between two that outlive it; nothing is told of any. What is
  /// evaluated are the weights that are trained, the divergence is part of the loss, and the averages move once a step.
  @Test func layersThatTheFunctionMakes() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let prior = Normal(loc: graph.zeros([4]), scale: graph.ones([4]))
    let (first, normalization) = (Dense(4, activation: tanh), BatchNormalization(momentum: 0.5))
    let noisy = DistributionLambda(activityRegularizer: KLDivergenceRegularizer(prior, usesExactKL: true)) {
      Normal(loc: $0, scale: $0.onesLike())
    }
    let network = Network(inputs: x, parts: []) { x, training in
      let hidden = Dense(4)(first(x))
      _ = noisy(hidden)
      return Dense(3, name: "last")(normalization(hidden, training: training))
    }
    func squares(_ x: Tensor, _ y: Tensor) -> Tensor { (y - x) * (y - x) }
    try network.compile(
      optimizer: SGD(learningRate: 0.05), loss: squares, metrics: [.meanSquaredError], options: NetworkTests.options)
    let trained = ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]
    let averages = ["batch_normalization/moving_mean", "batch_normalization/moving_variance"]
    let own =
      trained + ["batch_normalization/gamma", "batch_normalization/beta"] + averages + ["last/kernel", "last/bias"]
    #expect(graph.variables.map(\.name) == own)
    let data = try ToyTraining.data()
    let before = try network.compiled.value(of: "dense_1/kernel")
    let report = try network.fit(data, batchSize: 23, epochs: 20, validationData: data)
    #expect(report["val_loss"][19] < report["val_loss"][0])
    #expect(try network.compiled.value(of: "dense_1/kernel") != before)
    let figures = try network.evaluate(data, batchSize: 23)
    // The divergence from the prior of a unit normal distribution is half its squared mean.
    #expect(figures[0].value > figures[1].value)
    let expected = try network.predict(["x": data["x"]])
    let error = zip(expected.doubles, try data["x"].doubles).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 69
    #expect(abs(error - figures[1].value) < 1e-5)

    // With another optimizer it goes on from there.
    let values = try own.map { try network.compiled.value(of: $0) }
    try network.compile(
      optimizer: SGD(learningRate: 0.05), loss: squares, metrics: [.meanSquaredError], seed: 9,
      options: NetworkTests.options)
    #expect(graph.variables.map(\.name) == own)
    #expect(try own.map { try network.compiled.value(of: $0) } == values)
    #expect(try network.evaluate(data, batchSize: 23) == figures)
    try network.fit(data, batchSize: 23, epochs: 1)
    let mean = try network.compiled.value(of: averages[0])
    #expect(mean != values[own.firstIndex(of: averages[0]) ?? 0])
    let moved = try #require(
      try network.model.train?.updates.filter { graph.declaration(of: $0.variable)?.name == averages[0] })
    #expect(moved.count == 1)
  }

  /// A network that makes its layers itself has one set of them, called before it is compiled or after, in whatever way.
  @Test func calledBeforeItIsCompiled() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let network = Network(inputs: x, parts: []) { x, _ in Dense(3)(Dense(4, activation: tanh)(x)) }
    let (first, second) = (network(x), network(x, training: true))
    let own = ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]
    #expect(graph.variables.map(\.name) == own)
    // The loss has layers, too, of which the function knew nothing.
    try network.compile(
      optimizer: SGD(learningRate: 0.1), loss: { x, y in Dense(1)(y - x) * Dense(1)(y - x) },
      options: NetworkTests.options,
      verbose: false)
    #expect(graph.variables.prefix(4).map(\.name) == own && graph.variables.count == 8)
    #expect(try network.parameters.count == 8)
    let data = try ToyTraining.data()
    try network.fit(data, batchSize: 23, epochs: 2, verbose: false)
    let expected = try network.predict(["x": data["x"]]).doubles
    let session = try Session(graph, backend: .reference)
    for name in own { try session.setValue(network.compiled.value(of: name), of: name) }
    for output in [first, second, network(x)] {
      let found = try session.run(output, feeding: [x: data["x"]]).doubles
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    #expect(graph.variables.count == 8)
  }

  /// Compiling makes a model; the C compiler runs when something has to be run.
  @Test func theModelIsThereBeforeItsCode() throws {
    let graph = Graph()
    let network = Network(inputs: graph.placeholder("x", shape: [nil, 3]), Dense(3))
    #expect(throws: ElbowError.self) { try network.model }
    try network.compile(
      name: "linear", optimizer: SGD(), loss: { ($1 - $0) * ($1 - $0) },
      options: BuildOptions(compiler: "no-such-compiler"),
      verbose: false)
    #expect(try network.model.name == "linear")
    #expect(try network.model.signatures.map(\.name) == ["train", "evaluate", "predict"])
    #expect(try network.summary().contains("dense/kernel"))
    for _ in 0..<2 {
      let error = #expect(throws: ElbowError.self) { try network.fit(ToyTraining.data(), verbose: false) }
      #expect(error?.kind == .toolchain)
    }
  }

  /// Losses and metrics that compare each example with all, targets of both kinds, and shapes that cannot be compared.
  @Test func whatIsComparedWithWhat() throws {
    func refused(
      _ targets: [Int?], _ units: Int, _ loss: @escaping (Tensor, Tensor) -> Tensor, metrics: [Metric<Tensor>] = []
    ) -> String? {
      let graph = Graph()
      let network = Network(inputs: graph.placeholder("x", shape: [nil, 3]), Dense(units))
      let y = graph.placeholder("y", shape: targets)
      do {
        try network.compile(
          optimizer: SGD(), targets: y, loss: loss, metrics: metrics,
          options: BuildOptions(compiler: "no-such-compiler"))
        return nil
      } catch let error as ElbowError {
        return error.kind == .toolchain ? nil : error.message
      } catch { return "\(error)" }
    }
    func squares(_ y: Tensor, _ output: Tensor) -> Tensor { (output - y) * (output - y) }
    #expect(
      refused([nil], 1, squares)
        == "The loss has the shape [n, m]; expected a scalar, or the figures of each example, whose shape begins as that of "
        + "the output, [n, 1], or of the targets, [m].")
    #expect(refused([nil, 1], 1, squares) == nil)
    #expect(refused([nil], 1) { $1.squeezed(axes: [-1]) - $0 } == nil)
    #expect(
      refused(
        [nil], 2, { -Categorical(logits: $1).logProb($0.cast(to: .int32)) },
        metrics: [Metric("all", { $1 - $0.expandedDims(-1) })])
        == nil)
    for targets in [[nil], [nil, 1], [nil, 4]] as [[Int?]] {
      #expect(refused(targets, 4, { $1.sum() + 0 * $0.sum() }, metrics: [.accuracy]) == nil, "\(targets)")
    }
    #expect(
      refused([nil, 3], 4, { $1.sum() + 0 * $0.sum() }, metrics: [.accuracy])
        == "The accuracy of an output float32[n, 4] cannot be told from targets float32[m, 3]: expected the scores of at least 2 "
        + "classes in the output's last axis, and labels of its other axes, or one-hot of its shape.")
  }

  @Test func accuracyOfOneHotTargets() throws {
    let graph = Graph()
    let labels = graph.constant(HostArray([1, 0, 2, 2] as [Int32]))
    let scores = graph.constant(try HostArray([0, 3, 1, 2, 1, 0, 1, 2, 0, 0, 1, 4] as [Float], shape: [4, 3]))
    let oneHot = (labels.expandedDims(-1) .== graph.iota([4, 3], axis: 1)).cast(to: .float32)
    for targets in [labels, oneHot, labels.expandedDims(-1)] {
      let accuracy = Metric<Tensor>.accuracy.figures(targets, scores).mean()
      #expect(try Session(graph, backend: .reference).run(accuracy).doubles == [0.75])
    }
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
