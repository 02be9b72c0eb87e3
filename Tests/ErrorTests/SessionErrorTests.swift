import Elbow
import TestFolders
import Testing

/// Mistakes in what a session is fed, with either backend; it stays usable.
@Suite struct SessionErrorTests {
  private struct Model {
    let graph = Graph()
    let x, y, w: Tensor
    let train: Signature
    /// The lines that the inputs are declared on.
    static let lines = ["x": #line + 3, "y": #line + 4, "learning_rate": #line + 7]

    init() {
      x = graph.placeholder("x", shape: [nil, 3])
      y = graph.placeholder("y", shape: [nil, 3])
      w = graph.variable("w", initialValue: graph.ones([3]))
      let error = x * w - y
      train = Adam().minimize(mean(error * error)).signature()
    }
  }

  /// The feeds, the message, and the input that it is about, if that is one.
  private static let cases: [(feeds: [String: (DType, [Int])], text: String, input: String?)] = [
    (
      ["x": (.float32, [4, 2]), "y": (.float32, [4, 3])],
      "error: The placeholder 'x' expects the shape [n, 3], but was fed [4, 2].", "x"
    ),
    (
      ["x": (.float64, [4, 3]), "y": (.float32, [4, 3])],
      "error: The placeholder 'x' expects float32[n, 3], but was fed float64[4, 3].", "x"
    ),
    (["x": (.float32, [4, 3])], "error: The placeholder 'y' is not fed; it expects float32[m, 3].", "y"),
    (
      ["x": (.float32, [4, 3]), "y": (.float32, [4, 3]), "z": (.float32, [])],
      "error: There is no placeholder named 'z'. The graph has 'learning_rate', 'x', 'y'.", nil
    ),
    (
      ["x": (.float32, [4, 3]), "y": (.float32, [5, 3])],
      "error: The placeholders 'x' [4, 3] and 'y' [5, 3] disagree about the extent n: 4 in the first, 5 in axis 0 of the second.",
      nil
    ),
    // A symbolic extent never broadcasts as 1.
    (
      ["x": (.float32, [1, 3]), "y": (.float32, [5, 3])],
      "error: The placeholders 'x' [1, 3] and 'y' [5, 3] disagree about the extent n: 1 in the first, 5 in axis 0 of the second.",
      nil
    ),
    (
      ["x": (.float32, [0, 3]), "y": (.float32, [0, 3])],
      "error: The placeholder 'x' was fed [0, 3]: axis 0 is empty.", "x"
    ),
    (
      ["x": (.float32, [4, 3]), "y": (.float32, [4, 3]), "learning_rate": (.float32, [1])],
      "error: The placeholder 'learning_rate' expects the shape [], but was fed [1].", "learning_rate"
    ),
  ]

  @Test(arguments: [Session.Backend.reference, .compiled])
  func whatIsFedDoesNotFit(_ backend: Session.Backend) throws {
    try withTemporaryFolder { folder in
      let model = Model()
      let session = try Session(
        model.graph, backend: backend, options: BuildOptions(optimization: 1), cache: ArtifactCache(folder: folder))
      let good = ["x": try HostArray(zeros: [4, 3]), "y": try HostArray(zeros: [4, 3])]
      let before = try session.value(of: "w")
      let file = "ErrorTests/SessionErrorTests.swift"
      for (feeds, text, input) in SessionErrorTests.cases {
        let arrays = try feeds.mapValues { try HostArray(zeros: $0.1, dtype: $0.0) }
        let line = #line + 1
        let found = message { try session.run(model.train, feeding: arrays) }
        let note = input.map { "\n  note: '\($0)' is declared at \(file):\(Model.lines[$0] ?? 0)" } ?? ""
        let dtypes = "\n  note: a HostArray keeps its dtype; numbers and nested arrays of them get the placeholder's"
        #expect(found == "\(file):\(line): \(text)\(note)\(text.contains("float64") ? dtypes : "")")
        #expect(try session.value(of: "w") == before)
      }
      #expect(try session.run(model.train, feeding: good)["loss"] == HostArray(scalar: Float(0)))
      let line = #line + 1
      let misfit = message { try session.setValue(HostArray([Float(1)]), of: "w") }
      #expect(misfit == "\(file):\(line): error: The variable 'w' is float32[3], but was given float32[1].")
      let unknown = message { try session.setValue(HostArray([Float(1)]), of: "v") }
      let known = "'w', 'adam/m/w', 'adam/v/w', 'adam/step'."
      #expect(unknown == "\(file):\(line + 2): error: There is no variable named 'v'. The graph has \(known)")
      let missing = message { try session.value(of: "v") }
      #expect(missing == "\(file):\(line + 5): error: There is no variable named 'v'. The graph has \(known)")
      let feeds = #line + 1
      let notFed = message { try session.run(model.x, feeding: [model.w: HostArray([Float(1)])]) }
      #expect(notFed?.hasPrefix("\(file):\(feeds): error: Tensor(\"") == true)
      #expect(
        notFed?.contains("is fed, but is not a placeholder: those of the graph are 'x', 'y', 'learning_rate'.") == true)
      let stranger = Graph().placeholder("x", shape: [2])
      let strangeLine = #line + 1
      let strange = message { try session.run(stranger) }
      #expect(
        strange
          == "\(file):\(strangeLine): error: The output 'output0' of 'fetch' is not a tensor of this graph.\n  note: a session, "
          + "and what is compiled, gives tensors of the graph that it was made with")
      let otherLine = #line + 1
      let other = message { try session.run(model.w, feeding: [stranger: HostArray([Float(1), 2])]) }
      #expect(
        other
          == "\(file):\(otherLine): error: The placeholder 'x' that is fed belongs to another graph than what is computed."
      )
      #expect(try session.run(model.train, feeding: good)["loss"] == HostArray(scalar: Float(0)))
    }
  }

  @Test func updatesThatDoNotFit() {
    let model = Model()
    let line = #line + 1
    let wrong = model.graph.zeros([4])
    #expect(
      message { try model.graph.program(Signature("s", updates: [VariableUpdate(model.w, to: wrong)])) }
        == "ErrorTests/SessionErrorTests.swift:\(line): error: The variable 'w' is float32[3], but 's' would set it to float32[4]."
    )
    #expect(
      message { try model.graph.program(Signature("s", updates: [VariableUpdate(model.x, to: model.x)])) }
        == "error: An update of 's' is not of a variable of this graph.")
    let twice = [VariableUpdate(model.w, to: model.w), VariableUpdate(model.w, to: model.w * 2)]
    #expect(
      message { try model.graph.program(Signature("s", updates: twice)) }
        == "error: The signature 's' updates the variable 'w' twice; expected one new value.")
  }

  @Test func aGraphWithMistakesHasNoSession() {
    let graph = Graph()
    _ = graph.zeros([2]) + graph.zeros([3])
    #expect(message { try Session(graph, backend: .reference) }?.contains("'add'") == true)
  }
}
