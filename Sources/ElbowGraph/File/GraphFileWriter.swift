import ElbowArrays
import Foundation

/// Writes a graph file: a head, then a line for each thing.
struct GraphFileWriter {
  private let graph: Graph
  private let signatures: [Signature]
  private let metadata: [String: String]
  private let replacements: [String: Dimension]
  /// The nodes that are written, and the number that each gets.
  private let kept: [Int]
  private let number: [Int: Int]

  init(_ graph: Graph, _ signatures: [Signature], _ metadata: [String: String]) throws {
    try graph.check()
    for signature in signatures {
      let names = [signature.name] + signature.outputs.map(\.name)
      if let name = names.first(where: { !Graph.isName($0) }) {
        throw ElbowError(
          .invalidArgument,
          "A signature or output cannot be named '\(name)': expected at most 200 bytes without control characters.")
      }
      // Its own checks: of this graph, distinct outputs, updates of the right type.
      _ = try graph.program(signature)
    }
    let names = signatures.map(\.name)
    if let name = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw ElbowError(.invalidArgument, "Two signatures are named '\(name)'; give each a name of its own.")
    }
    self.graph = graph
    self.signatures = signatures
    self.metadata = metadata
    replacements = graph.symbolReplacements
    var roots = signatures.flatMap { $0.outputs.map(\.tensor.id) + $0.updates.map(\.value.id) }
    roots += graph.variables.map(\.initialValue) + graph.placeholders.map(\.node)
    roots += VariableDeclaration.Role.allCases.flatMap { graph.variables(role: $0) }.map(\.id)
    var isLive = [Bool](repeating: false, count: graph.nodes.count)
    for root in roots { isLive[root] = true }
    for index in graph.nodes.indices.reversed() where isLive[index] {
      for input in graph.nodes[index].inputs { isLive[input] = true }
    }
    kept = graph.nodes.indices.filter { isLive[$0] }
    number = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
  }

  func text() throws -> String {
    let places = SourceReference.resolve(kept.map { graph.nodes[$0].source } + graph.equalities.map(\.source))
    let nodes = zip(kept, places).map { record(graph.nodes[$0], $1) }
    let equalities = zip(graph.equalities, places.dropFirst(kept.count)).map {
      EqualityRecord(left: $0.left.description, right: $0.right.description, at: $1?.description)
    }
    let expectations = try expectationRecords()
    let sections = [
      try member("equalities", equalities),
      expectations.isEmpty ? nil : try member("expectations", expectations),
      try member("format", GraphFile.format),
      try member("metadata", metadata),
      try member("nodes", nodes),
      try member(
        "placeholders",
        graph.placeholders.map { placeholder in
          PlaceholderRecord(
            name: placeholder.name, type: placeholder.type.description,
            default: placeholder.defaultValue.map { ArrayRecord($0) },
            node: newNumber(placeholder.node))
        }),
      try member("random_streams", streamCount),
      try member("signatures", signatures.map(record)),
      try member("symbols", replacements.mapValues(\.description)),
      try member(
        "variables",
        graph.variables.map { variable in
          VariableRecord(
            name: variable.name, type: variable.type.description, role: variable.role.rawValue, group: variable.group,
            initial: newNumber(variable.initialValue))
        }),
    ]
    return "{\n" + sections.compactMap { $0 }.joined(separator: ",\n") + "\n}\n"
  }

  /// The expectations of the operations that are written.
  private func expectationRecords() throws -> [ExpectationRecord] {
    let written = graph.expectations.filter { number[$0.subject] != nil && Graph.isName($0.reason) }
    let places = SourceReference.resolve(written.map(\.source))
    func finite(_ bound: Double) -> Double? { bound.isFinite ? bound : nil }
    return zip(written, places).map { expectation, place in
      ExpectationRecord(
        input: expectation.input, low: finite(expectation.range.lowerBound), high: finite(expectation.range.upperBound),
        reason: expectation.reason, node: newNumber(expectation.subject), at: place?.description)
    }
  }

  /// The streams that the graph has given out, or more if nodes were made with others.
  private var streamCount: Int {
    kept.reduce(Int(graph.streamCount)) { count, index in
      max(count, (graph.nodes[index].primitive as? RandomBits).map { Int($0.stream) + 1 } ?? 0)
    }
  }

  private func newNumber(_ node: Int) -> Int { number[node] ?? 0 }

  private func record(_ node: Node, _ place: SourceLocation?) -> NodeRecord {
    let attributes = (node.primitive.substituting(replacements) ?? node.primitive).attributes
    let type = TensorType(node.type.dtype, node.type.shape.substituting(replacements))
    return NodeRecord(
      op: Swift.type(of: node.primitive).name, in: node.inputs.isEmpty ? nil : node.inputs.map(newNumber),
      type: type.description, at: place?.description, with: attributes.isEmpty ? nil : attributes)
  }

  private func record(_ signature: Signature) -> SignatureRecord {
    SignatureRecord(
      name: signature.name, outputs: signature.outputs.map { .init(name: $0.name, node: newNumber($0.tensor.id)) },
      updates: signature.updates.map {
        .init(variable: graph.declaration(of: $0.variable)?.name ?? "", node: newNumber($0.value.id))
      })
  }

  // MARK: JSON

  private func member(_ name: String, _ value: some Encodable) throws -> String { "\"\(name)\": " + (try json(value)) }

  private func member(_ name: String, _ values: [some Encodable]) throws -> String {
    if values.isEmpty { return "\"\(name)\": []" }
    return "\"\(name)\": [\n" + (try values.map { try json($0) }.joined(separator: ",\n")) + "\n]"
  }

  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw ElbowError(.internal, "A part of the graph could not be written as JSON: \(error).")
    }
  }
}
