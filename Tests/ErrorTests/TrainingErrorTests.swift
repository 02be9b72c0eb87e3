import Elbow
import Foundation
import TestFolders
import Testing

/// Mistakes in data, in what is fed to train and in callbacks: each with the line of the user's call.
@Suite struct TrainingErrorTests {
  /// A classifier of 3 features, and data for it.
  private struct Classifier {
    let graph = Graph()
    let x: Tensor
    let network: Network<Tensor>
    let data: Dataset
    /// The line that `x` is declared on.
    static let line = #line + 3

    init() throws {
      x = graph.placeholder("x", shape: [nil, 3])
      let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)
      network = Network(inputs: x, Dense(2))
      try network.compile(
        optimizer: SGD(), targets: labels, loss: { softmaxCrossEntropy(logits: $1, labels: $0) },
        options: BuildOptions(optimization: 1), verbose: false)
      data = try Dataset(
        name: "points", columns: [("x", HostArray(zeros: [4, 3])), ("labels", HostArray([0, 1, 1, 0] as [Int32]))])
    }
  }

  /// What is said, from the line of the call on, and the call.
  private struct Case {
    let text: String
    let body: () throws -> Any

    init(_ text: String, at line: Int, _ body: @escaping () throws -> Any) {
      self.text = "ErrorTests/TrainingErrorTests.swift:\(line): error: \(text)"
      self.body = body
    }

    func check() { #expect(message(body) == text) }
  }

  private static let points = "\n  note: points: 4 examples, x float32[3], labels int32[]"

  @Test func training() throws {
    let model = try Classifier()
    let (network, data) = (model.network, model.data)
    func dataset(_ columns: (name: String, array: HostArray)...) throws -> Dataset {
      try Dataset(name: "wrong", columns: columns)
    }
    let unlabelled = try dataset(("x", HostArray(zeros: [4, 3])))
    let wide = try dataset(("x", HostArray(zeros: [4, 5])), ("labels", data["labels"]))
    let doubles = try dataset(("x", HostArray(zeros: [4, 3], dtype: .float64)), ("labels", data["labels"]))
    let note = "\n  note: a column goes to the placeholder of its name"
    let missing =
      "The model takes 'labels' (int32[n]), but the data set has no such column.\n  note: wrong: 4 examples, x float32[3]"
      + note
    let cases = [
      Case(missing, at: #line + 1) {
        try network.fit(unlabelled)
      },
      Case(missing, at: #line + 1) {
        try network.evaluate(unlabelled)
      },
      Case(missing, at: #line + 1) {
        try network.fit(data, validationData: unlabelled, verbose: false)
      },
      Case(
        "The model takes 'x' as float32[n, 3], but the data set's column is float32[n, 5].\n  note: wrong: 4 examples, x float32[5], "
          + "labels int32[]", at: #line + 1
      ) { try network.fit(wide) },
      Case(
        "The model takes 'x' as float32[n, 3], but the data set's column is float64[n, 3].\n  note: wrong: 4 examples, x float64[3], "
          + "labels int32[]", at: #line + 1
      ) { try network.evaluate(DataPipeline(doubles, batchSize: 2)) },
      Case("The data set points has no examples to make batches of.", at: #line + 1) {
        try network.fit(data.prefix(0))
      },
      Case("A batch needs at least 1 example, not 0.", at: #line + 1) {
        try network.evaluate(data, batchSize: 0)
      },
      Case("Training takes at least 1 epoch, not 0.", at: #line + 1) {
        try network.fit(data, epochs: 0)
      },
      Case("The input 'x' has the shape [1, 2], but the signature 'predict' takes float32[n, 3].", at: #line + 1) {
        try network.predict(["x": [[1, 2]]])
      },
      Case("The signature 'predict' has no input 'y'. Its inputs are 'x'.", at: #line + 1) {
        try network.predict(["x": [[1, 2, 3]], "y": 1])
      },
      Case("The model 'network' has no signature 'decode'. It has 'train', 'evaluate', 'predict'.", at: #line + 1) {
        try network.compiled.run("decode")
      },
      Case("The model 'network' has no variable 'w'. It has 'dense/kernel', 'dense/bias'.", at: #line + 1) {
        try network.compiled.value(of: "w")
      },
      Case("The variable 'dense/bias' is float32[2] and cannot be set to float32[1].", at: #line + 1) {
        try network.compiled.setValue(HostArray([Float(1)]), of: "dense/bias")
      },
      Case(
        "EarlyStopping goes by 'val_loss', but the epochs have no such figure: they have 'loss'.\n  note: figures that begin with "
          + "'val_' need validation data after each epoch", at: #line + 1
      ) { try network.fit(data, callbacks: [EarlyStopping()], verbose: false) },
      Case(
        "ReduceLearningRateOnPlateau multiplies the rate with a factor above 0 and below 1, not 2.0.", at: #line + 1
      ) { try network.fit(data, callbacks: [ReduceLearningRateOnPlateau(factor: 2)]) },
      Case("A learning rate is a positive number, not 0.0.", at: #line + 1) {
        try Trainer(network.model, compiled: network.compiled, learningRate: 0)
      },
      Case("The batches have no column 'images' with images; they have 'x', 'labels'.", at: #line + 1) {
        try network.fit(DataPipeline(data, batchSize: 2).randomlyFlipped())
      },
      Case("Images are written every 1 or more epochs, not every 0.", at: #line + 1) {
        try TensorBoardLog(in: FileManager.default.temporaryDirectory, interval: 0)
      },
    ]
    for mistake in cases { mistake.check() }
    #expect(try network.evaluate(data).count == 1)
  }

  @Test func dataSets() throws {
    let data = try Classifier().data
    let cases = [
      Case("The data set points has no column 'y'; it has x, labels.", at: #line + 1) {
        try data["y"]
      },
      Case("The data set points has 4 examples and cannot be split at 5: expected from 0 to 4.", at: #line + 1) {
        try data.split(at: 5)
      },
      Case(
        "The data set data has no columns.\n  note: a column is a name and an array: Dataset(columns: [(\"images\", images)])",
        at: #line + 1
      ) { try Dataset(columns: []) },
      Case("The data set data has two columns named 'x'.", at: #line + 1) {
        try Dataset(columns: [("x", HostArray([Float(1)])), ("x", HostArray([Float(1)]))])
      },
      Case(
        "The columns of the data set data differ in their number of examples: 'x' has shape [1], 'y' has [2].",
        at: #line + 1
      ) { try Dataset(columns: [("x", HostArray([Float(1)])), ("y", HostArray([Float(1), 2]))]) },
      Case("The column 'x' of the data set data is a scalar; its first extent must count examples.", at: #line + 1) {
        try Dataset(columns: [("x", HostArray(scalar: Float(1)))])
      },
      Case("A batch needs at least 1 example, not -1.", at: #line + 1) {
        try DataPipeline(data, batchSize: -1)
      },
      Case("A batch needs at least 1 example, not 0.", at: #line + 1) {
        try data.batches(of: 0)
      },
      Case("Images are mirrored with a probability from 0 to 1, not 2.0.", at: #line + 1) {
        try DataPipeline(data, batchSize: 2).randomlyFlipped(probability: 2)
      },
      Case("An array of float32 with shape [2, 2] takes 16 bytes, but 12 were given.", at: #line + 1) {
        try HostArray([1, 2, 3] as [Float], shape: [2, 2])
      },
    ]
    for mistake in cases { mistake.check() }
    let unknown = message { try NamedDatasets.load("mnits") }
    #expect(
      unknown?.hasPrefix("ErrorTests/TrainingErrorTests.swift:\(#line - 1): error: There is no data set named 'mnits'")
        == true)
  }

  @Test func lookingAndModels() throws {
    let model = try Classifier()
    let (x, graph) = (model.x, model.graph)
    let declared = "\n  note: 'x' is declared at ErrorTests/TrainingErrorTests.swift:\(Classifier.line)"
    let scalar = graph.constant(1)
    let cases = [
      Case("The placeholder 'x' is not fed; it expects float32[n, 3]." + declared, at: #line + 1) {
        try (2 * x).value()
      },
      Case("The placeholder 'x' expects the shape [n, 3], but was fed [1, 2]." + declared, at: #line + 1) {
        try (2 * x).value(feeding: [x: [[1, 2]]])
      },
      Case(
        "The placeholder 'x' cannot be fed: The rows of an array are alike, but one is float32[3] and another float32[2].",
        at: #line + 1
      ) { try (2 * x).value(feeding: [x: [[1, 2, 3], [1, 2]]]) },
      Case("The signature 'train' of the model 'm' must have a scalar 'loss' as its first output.", at: #line + 1) {
        try Model(name: "m", graph: graph, signatures: [Signature(.train, outputs: ["bias": scalar])])
      },
      Case("The model 'm' cannot be trained: it has no signature 'train'.", at: #line + 2) {
        let only = try Model(name: "m", graph: graph, signatures: [Signature(.evaluate, outputs: ["loss": scalar])])
        return try Trainer(only, compiled: model.network.compiled)
      },
    ]
    for mistake in cases { mistake.check() }
    let fresh = Network(inputs: x, Dense(1))
    Case("The network is not compiled yet: call compile(optimizer:loss:) first.", at: #line + 1) {
      try fresh.summary()
    }.check()
  }
}
