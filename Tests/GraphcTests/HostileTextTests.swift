import Elbow
import Foundation
import Testing

@testable import graphc

/// Texts from files are shown, and are no orders to the terminal that shows them.
@Suite struct HostileTextTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  /// Red, cleared, a title, a C1 order, an error of its own, and what follows backwards.
  static let name = "\u{1b}[31m\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\nerror: all is well\u{202e}"
  /// It begins so when it is shown.
  static let shown = "\\u{1B}[31m\\u{1B}[2J\\u{1B}]0;x\\u{07}\\u{009B}31m"

  /// That a run ended so, and said the name without a single order.
  private func expectShown(
    _ outcome: Graphc.Outcome, status: Int32, errors: Bool, location: Testing.SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.status == status, "\(outcome.errors.debugDescription)", sourceLocation: location)
    let text = errors ? outcome.errors : outcome.output
    #expect(text.contains(Self.shown), "\(text.debugDescription)", sourceLocation: location)
    let orders = (outcome.output + outcome.errors).unicodeScalars.filter { $0.isOrder && $0 != "\n" && $0 != "\t" }
    #expect(orders.isEmpty, sourceLocation: location)
    let lines = (outcome.output + outcome.errors).split(separator: "\n")
    #expect(!lines.contains("error: all is well"), sourceLocation: location)
  }

  @Test func errorsAreLines() {
    let error = ElbowError(
      .file, "It holds '\(Self.name)'.", at: .init(file: Self.name, line: 3), notes: ["a\tb\u{85}", "é, 数, 👩‍🔬"])
    let lines = "\(error)".split(separator: "\n")
    #expect(lines.count == 3 && lines[1] == "  note: a\tb\\u{0085}" && lines[2] == "  note: é, 数, 👩‍🔬")
    #expect(lines[0].hasPrefix(Self.shown) && lines[0].hasSuffix("\\nerror: all is well\\u{202E}'."))
    #expect(error.message == "It holds '\(Self.name)'.")
  }

  @Test func namesInWeights() throws {
    let file = graphc.folder.file("w.safetensors")
    try Safetensors.write([(Self.name, HostArray([1] as [Float]))], metadata: ["model": Self.name], to: file)
    expectShown(
      try graphc("export", "cs20-regression", "--weights", "w.safetensors", "-o", "x.npz"), status: 1, errors: true)
    // Two tensors of one place.
    let header = try JSONSerialization.data(withJSONObject: [
      "a": ["dtype": "U8", "shape": [1], "data_offsets": [0, 1]] as [String: Any],
      Self.name: ["dtype": "U8", "shape": [1], "data_offsets": [0, 1]] as [String: Any],
    ])
    var bytes = Data([UInt8(header.count), 0, 0, 0, 0, 0, 0, 0]) + header
    bytes.append(1)
    try bytes.write(to: file)
    let overlapping = try graphc("export", "cs20-regression", "--weights", "w.safetensors", "-o", "x.npz")
    #expect(overlapping.status == 1 && !overlapping.errors.contains("\u{1b}"), "\(overlapping.errors.debugDescription)")
  }

  @Test func columns() throws {
    let quoted = "\"\(Self.name)\""
    try Data("\(quoted),b\n1,2\nx,3\n".utf8).write(to: graphc.folder.file("data.csv"))
    expectShown(try graphc("train", "cs20-regression", "--data", "data.csv"), status: 1, errors: true)
    try Data("a,b\n1,2\n\(quoted),3\n".utf8).write(to: graphc.folder.file("data.csv"))
    let value = try graphc("train", "cs20-regression", "--data", "data.csv")
    #expect(value.status == 1 && value.errors.contains("found '\\u{1B}[31m") && !value.errors.contains("\u{1b}"))
  }

  /// Names within a graph have no control characters; what else its file says is shown.
  @Test func namesOfGraphs() throws {
    let graph = Graph()
    let signatures = [Signature("predict", outputs: ["y": graph.placeholder("x", shape: [nil]) * 2])]
    let metadata = ["model": "double", "dataset": "digits", "epochs": "1", "batch_size": "1"]
    func write(_ changes: [String: String], to name: String = "graph.json") throws {
      let text = try GraphFile.encode(graph, signatures: signatures, metadata: metadata.merging(changes) { $1 })
      try Data(text.utf8).write(to: graphc.folder.file(name))
    }
    try write(["model": Self.name])
    for command in ["inspect", "train"] { expectShown(try graphc(command, "graph.json"), status: 1, errors: true) }
    try write(["dataset": Self.name])
    expectShown(try graphc("train", "graph.json"), status: 1, errors: true)
    // Marks of direction are allowed, and escaped, in JSON in its own way.
    try write(["model": "a\u{202e}b"])
    #expect(try graphc("inspect", "graph.json").output.hasPrefix("a\\u{202E}b: 0 parameters"))
    let json = try graphc("inspect", "graph.json", "--json")
    #expect(json.output.contains("a\\u202eb") && json.status == 0)
    #expect(try json.json["name"] as? String == "a\u{202e}b", "\(json.output.debugDescription)")
    // The name of a file, too.
    let name = "\u{1b}[31m.json"
    try write(["model": ""], to: name)
    let refused = try graphc("inspect", name)
    #expect(refused.status == 1 && !refused.errors.contains("\u{1b}"), "\(refused.errors.debugDescription)")
  }

  /// Nobody writes to it, and nobody waits.
  @Test func aPipeIsNoGraph() throws {
    try #require(mkfifo(graphc.path("pipe.json"), 0o600) == 0)
    let outcome = try graphc.run(["inspect", "pipe.json"], disturbedBy: .init(signal: SIGTERM, seconds: 5))
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasSuffix("pipe.json to be a regular file, but it is a folder or a device.\n"))
  }

  /// A data set's description of its columns.
  @Test func namesOfColumns() throws {
    let data = try Dataset(name: "data", columns: [(Self.name, HostArray([1, 2] as [Float]))])
    #expect("\(data)".contains(Self.shown) && !"\(data)".contains("\n"))
    #expect(data.columnNames == [Self.name])
  }
}
