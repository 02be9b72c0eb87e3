import ElbowArrays

/// The parts of a graph that reading a file needs, besides building one.
extension Graph {
  /// A graph of nodes that are known to fit each other, for what takes graphs apart and puts them together again. The
  /// nodes' symbols are those that feeding determines, by the names that the graph itself gives out.
  package convenience init(
    nodes: [Node], placeholders: [PlaceholderDeclaration], variables: [VariableDeclaration]
  ) {
    self.init()
    (self.nodes, self.placeholders, self.variables) = (nodes, placeholders, variables)
    streamCount = nodes.compactMap { ($0.primitive as? RandomBits).map { $0.stream &+ 1 } }.max() ?? 0
    restore([:], symbols: nodes.reduce(into: []) { $0.formUnion($1.type.shape.symbols) })
  }

  /// The position of a symbol among those that the graph gives out - n, m, k, n3, n4, ... -; nil if it is none of them.
  static func symbolNumber(_ symbol: String) -> Int? {
    if let index = ["n", "m", "k"].firstIndex(of: symbol) { return index }
    guard symbol.utf8.count <= 10, let number = Int(symbol.dropFirst()), number >= 3, symbol == "n\(number)" else {
      return nil
    }
    return number
  }

  /// Takes over what is known of symbols, and gives out no name twice from now on.
  func restore(_ replacements: [String: Dimension], symbols: Set<String>) {
    replaceSymbols(replacements)
    symbolCount = symbols.compactMap { Graph.symbolNumber($0) }.max().map { $0 + 1 } ?? 0
    for variable in variables {
      var path = ""
      for part in variable.name.split(separator: "/", omittingEmptySubsequences: false) {
        path += (path.isEmpty ? "" : "/") + part
        usedNames.insert(path)
      }
    }
  }

  /// For every node, whether its value depends on a placeholder, a variable or a symbol.
  func nodesThatDependOnInputs() -> [Bool] {
    var depends: [Bool] = []
    depends.reserveCapacity(nodes.count)
    for node in nodes {
      depends.append(node.needsInput || node.inputs.contains { depends[$0] })
    }
    return depends
  }

  /// A placeholder, variable or symbolic extent that a node's value depends on.
  func inputNeeded(by node: Int) -> Int? {
    var waiting = [node]
    var seen: Set<Int> = [node]
    while let next = waiting.popLast() {
      if nodes[next].needsInput { return next }
      for input in nodes[next].inputs where seen.insert(input).inserted { waiting.append(input) }
    }
    return nil
  }
}

extension Node {
  /// Whether the node itself reads something from outside, or has a shape that only feeding determines.
  fileprivate var needsInput: Bool {
    primitive is Placeholder || primitive is ReadVariable || !type.shape.symbols.isEmpty
      || (primitive as? ExtentOf)?.dimension.isSymbolic == true
  }
}

extension Primitive {
  /// An input's name in a message.
  var title: String {
    if let placeholder = self as? Placeholder { return "the placeholder '\(placeholder.input)'" }
    if let read = self as? ReadVariable { return "the variable '\(read.variable)'" }
    return "an extent that only feeding determines"
  }
}
