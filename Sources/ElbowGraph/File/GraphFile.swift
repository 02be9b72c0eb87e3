import ElbowArrays

/// A saved graph: what it computes, under which names, and whatever else the writer noted.
///
/// The file is JSON, one node a line, so that it can be read and compared by people:
///
///     {"at":"VAE/main.swift:12","in":[3,5],"op":"add","type":"float32[n, 100]"}
///
/// A node's number is its position in the list, from 0; operands come before users. What is read is checked as if a user
/// had built it: whatever the bytes, the result is a graph that any other part of Elbow can take, or an error.
public struct GraphFile {
  /// The graph; it can be built on.
  public var graph: Graph
  /// Its entries, in the order of the file.
  public var signatures: [Signature]
  /// Texts for which the format has no place of its own, such as the model's name.
  public var metadata: [String: String]

  /// A graph to save.
  ///
  /// - Parameters:
  ///   - graph: The graph, without mistakes.
  ///   - signatures: Its entries.
  ///   - metadata: Texts for which the format has no place of its own.
  public init(graph: Graph, signatures: [Signature], metadata: [String: String] = [:]) {
    self.graph = graph
    self.signatures = signatures
    self.metadata = metadata
  }

  /// The format that the file states.
  static let format = "elbow-graph-1"
  /// The longest file that is read, in bytes.
  public static let sizeLimit = 256 << 20
  /// How deep brackets may be nested.
  static let depthLimit = 32
  /// How many nodes, variables and so on a file may have.
  static let countLimit = 1_000_000

  /// The text of a graph with the nodes that the signatures and the variables' initial values need.
  ///
  /// - Throws: `ElbowError` if the graph has mistakes, or a signature is not of this graph.
  public static func encode(
    _ graph: Graph, signatures: [Signature], metadata: [String: String] = [:]
  ) throws -> String {
    try GraphFileWriter(graph, signatures, metadata).text()
  }

  /// Reads what ``encode(_:signatures:metadata:)`` wrote.
  ///
  /// - Throws: `ElbowError` of kind `file` that says what is wrong, and in which node.
  public init(decoding bytes: [UInt8]) throws {
    let record = try GraphFileRecord(parsing: bytes)
    var reader = GraphFileReader(record)
    self.init(graph: try reader.readGraph(), signatures: try reader.readSignatures(), metadata: record.metadata)
  }
}
