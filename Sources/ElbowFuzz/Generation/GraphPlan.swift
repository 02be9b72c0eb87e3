import ElbowArrays
import ElbowGraph

/// A graph as data: nodes, inputs, variables and signatures that can be taken apart, changed and put together again.
///
/// Its symbols are those that feeding determines; what other symbols turned out to equal stands in their place.
public struct GraphPlan: Sendable {
  /// An entry, by the numbers of nodes.
  public struct Entry: Sendable {
    public var name: String
    public var outputs: [(name: String, node: Int)]
    /// The variables by their position in ``GraphPlan/variables``.
    public var updates: [(variable: Int, node: Int)]
  }

  /// Operands come before users.
  public var nodes: [Node]
  public var placeholders: [PlaceholderDeclaration]
  public var variables: [VariableDeclaration]
  public var entries: [Entry]

  /// The plan of a graph: what its signatures and its variables need, and all its placeholders.
  public init(_ graph: Graph, _ signatures: [Signature]) throws {
    self = try GraphPlan(graph, allNodesWith: signatures).withoutDeadNodes()
  }

  init(_ graph: Graph, allNodesWith signatures: [Signature]) throws {
    let replacements = graph.symbolReplacements
    nodes = graph.nodes.map { node in
      var node = node
      node.primitive = node.primitive.substituting(replacements) ?? node.primitive
      node.type.shape = node.type.shape.substituting(replacements)
      node.source = .unknown
      return node
    }
    placeholders = graph.placeholders.map { placeholder in
      var placeholder = placeholder
      placeholder.type.shape = placeholder.type.shape.substituting(replacements)
      return placeholder
    }
    variables = graph.variables
    entries = try signatures.map { signature in
      Entry(
        name: signature.name, outputs: signature.outputs.map { (name: $0.name, node: $0.tensor.id) },
        updates: try signature.updates.map { update in
          let name = graph.declaration(of: update.variable)?.name
          guard let index = graph.variables.firstIndex(where: { $0.name == name }) else {
            throw ElbowError(.invalidArgument, "An update of '\(signature.name)' is not of a variable.")
          }
          return (variable: index, node: update.value.id)
        })
    }
  }

  /// The graph and its signatures.
  public func graph() throws -> (graph: Graph, signatures: [Signature]) {
    let graph = Graph(nodes: nodes, placeholders: placeholders, variables: variables)
    let signatures = try entries.map { entry in
      var signature = Signature(entry.name)
      signature.outputs = entry.outputs.map { (name: $0.name, tensor: Tensor(graph: graph, id: $0.node)) }
      signature.updates = try entry.updates.map { update in
        let name = variables[update.variable].name
        guard let read = nodes.firstIndex(where: { ($0.primitive as? ReadVariable)?.variable == name }) else {
          throw ElbowError(.invalidArgument, "No node reads the variable '\(name)'.")
        }
        return VariableUpdate(Tensor(graph: graph, id: read), to: Tensor(graph: graph, id: update.node))
      }
      return signature
    }
    return (graph, signatures)
  }

  /// The plan without the nodes that no entry, variable or placeholder needs. One node that reads it is kept of each variable.
  public func withoutDeadNodes() -> GraphPlan {
    var isLive = [Bool](repeating: false, count: nodes.count)
    for entry in entries {
      for output in entry.outputs { isLive[output.node] = true }
      for update in entry.updates { isLive[update.node] = true }
    }
    for variable in variables {
      isLive[variable.initialValue] = true
      let read = nodes.firstIndex { ($0.primitive as? ReadVariable)?.variable == variable.name }
      if let read { isLive[read] = true }
    }
    for placeholder in placeholders { isLive[placeholder.node] = true }
    for index in nodes.indices.reversed() where isLive[index] {
      for input in nodes[index].inputs { isLive[input] = true }
    }
    return keeping(isLive)
  }

  /// The plan with those nodes alone, renumbered.
  private func keeping(_ isKept: [Bool]) -> GraphPlan {
    var result = self
    var number = [Int](repeating: 0, count: nodes.count)
    result.nodes = []
    for index in nodes.indices where isKept[index] {
      number[index] = result.nodes.count
      var node = nodes[index]
      node.inputs = node.inputs.map { number[$0] }
      result.nodes.append(node)
    }
    for index in result.placeholders.indices {
      result.placeholders[index].node = number[result.placeholders[index].node]
    }
    for index in result.variables.indices {
      result.variables[index].initialValue = number[result.variables[index].initialValue]
    }
    result.entries = entries.map { entry in
      Entry(
        name: entry.name, outputs: entry.outputs.map { ($0.name, number[$0.node]) },
        updates: entry.updates.map { ($0.variable, number[$0.node]) })
    }
    return result
  }

  /// The symbols that feeding determines, sorted.
  public var symbols: [String] {
    placeholders.reduce(into: Set<String>()) { $0.formUnion($1.type.shape.symbols) }.sorted()
  }
}
