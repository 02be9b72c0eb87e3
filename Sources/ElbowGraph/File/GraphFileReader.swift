import ElbowArrays

/// Rebuilds a graph from a file, which it does not trust.
struct GraphFileReader {
  private let record: GraphFileRecord
  private var graph = Graph()
  private var replacements: [String: Dimension] = [:]
  /// The first node that reads each variable.
  private var reads: [String: Int] = [:]

  init(_ record: GraphFileRecord) { self.record = record }

  /// The graph without its signatures.
  mutating func readGraph() throws -> Graph {
    try readReplacements()
    var symbols = try readPlaceholders()
    graph.nodes.reserveCapacity(record.nodes.count)
    for (index, node) in record.nodes.enumerated() {
      let made = try read(node, at: index)
      try checkSymbols(made.type.shape.symbols, symbols, "Node \(index) ('\(node.op)')")
      for value in made.primitive.attributes.values {
        try checkSymbols(value.symbols, symbols, "Node \(index) ('\(node.op)')")
      }
      graph.nodes.append(made)
    }
    try checkInputs()
    try readVariables()
    for (index, equality) in record.equalities.enumerated() {
      guard let left = Dimension(reading: equality.left), let right = Dimension(reading: equality.right),
        Shape([left, right]).isSimple(after: replacements)
      else { throw refuse("Equality \(index)", "does not hold two extents such as \"2*n + 1\"") }
      try checkSymbols(Shape([left, right]).substituting(replacements).symbols, symbols, "Equality \(index)")
      graph.equalities.append(
        DimensionEquality(left: left, right: right, source: try place(equality.at, "Equality \(index)")))
    }
    symbols.formUnion(replacements.keys)
    graph.restore(replacements, symbols: symbols)
    try restoreStreams()
    try readExpectations()
    return graph
  }

  private func refuse(_ subject: String, _ problem: String) -> ElbowError {
    ElbowError(.file, "\(subject) of the graph file \(problem).")
  }

  // MARK: Symbols and placeholders

  private mutating func readReplacements() throws {
    for (symbol, text) in record.symbols {
      guard Graph.symbolNumber(symbol) != nil, let value = Dimension(reading: text) else {
        throw refuse(
          "The symbol '\(symbol.prefix(40))'", "is not a symbol such as n or n7 that is replaced by an extent")
      }
      replacements[symbol] = value
    }
    for (symbol, value) in replacements where !value.symbols.isDisjoint(with: replacements.keys) {
      throw refuse("The symbol '\(symbol)'", "is replaced by \(value), part of which is replaced itself; expected none")
    }
  }

  /// - Returns: The symbols that feeding determines.
  private mutating func readPlaceholders() throws -> Set<String> {
    var symbols: Set<String> = []
    var names: Set<String> = []
    for (index, line) in record.placeholders.enumerated() {
      let subject = "Placeholder \(index)"
      guard Graph.isName(line.name), names.insert(line.name).inserted else {
        throw refuse(subject, "has a name that is empty, too long, taken or has control characters")
      }
      guard let type = TensorType(reading: line.type), type.shape.isSimple(after: replacements),
        type.shape.dimensions.allSatisfy({ ($0.value ?? 1) >= 1 })
      else {
        throw refuse(
          subject, "('\(line.name)') has the type '\(line.type.prefix(80))'; expected one such as float32[n, 28]")
      }
      let value = try line.default.map { try read($0, subject) }
      if let value, value.shape != [] || value.dtype != type.dtype || type.shape.rank != 0 {
        throw refuse(
          subject, "('\(line.name)') is \(type), but its default is \(value.dtype)\(value.shape); expected a scalar")
      }
      guard record.nodes.indices.contains(line.node), record.nodes[line.node].op == Placeholder.name else {
        throw refuse(
          subject, "('\(line.name)') names node \(line.node); expected a node of the operation 'placeholder'")
      }
      graph.placeholders.append(
        PlaceholderDeclaration(name: line.name, type: type, defaultValue: value, node: line.node))
      symbols.formUnion(type.shape.substituting(replacements).dimensions.compactMap(\.symbol))
    }
    return symbols
  }

  private func checkSymbols(_ symbols: Set<String>, _ known: Set<String>, _ subject: String) throws {
    if let symbol = symbols.first(where: { !known.contains($0) }) {
      throw refuse(subject, "has the extent \(symbol), which is that of no placeholder")
    }
  }

  // MARK: Nodes

  private func read(_ line: NodeRecord, at index: Int) throws -> Node {
    let subject = "Node \(index) ('\(line.op.prefix(40))')"
    guard let made = PrimitiveRegistry.named(line.op) else {
      throw refuse(subject, "has an operation that this version of Elbow does not know")
    }
    let inputs = line.in ?? []
    if let input = inputs.first(where: { $0 < 0 || $0 >= index }) {
      throw refuse(subject, "has the operand \(input); expected the number of an earlier node")
    }
    guard let type = TensorType(reading: line.type) else {
      throw refuse(subject, "has the type '\(line.type.prefix(80))'; expected one such as float32[n, 100]")
    }
    let attributes = line.with ?? [:]
    let primitive: any Primitive
    do { primitive = try made.init(attributes: attributes) } catch let error as ElbowError {
      throw refuse(subject, "has attributes that do not fit: \(withoutStop(error.message))")
    }
    if let name = attributes.keys.filter({ primitive.attributes[$0] == nil }).min() {
      throw refuse(subject, "has the attribute '\(name.prefix(40))', which this operation does not have")
    }
    do throws(OperandError) {
      let result = try primitive.resultType(of: inputs.map { graph.nodes[$0].type })
      guard result == type else { throw OperandError(.file, "its result is \(result), but the file says \(type)") }
      try Graph.checkSize(type)
    } catch { throw refuse(subject, "does not fit its operands: \(withoutStop(error.message))") }
    return Node(primitive, inputs: inputs, type: type, source: try place(line.at, subject))
  }

  private func read(_ line: ArrayRecord, _ subject: String) throws -> HostArray {
    do { return try line.value() } catch let error as ElbowError {
      throw refuse(subject, "has a default: \(error.message)")
    }
  }

  private func withoutStop(_ text: String) -> String { text.hasSuffix(".") ? String(text.dropLast()) : text }

  private func place(_ text: String?, _ subject: String) throws -> SourceReference {
    guard let text else { return .unknown }
    guard let place = SourceLocation(reading: text) else {
      throw refuse(subject, "has a place that is not a file and a line")
    }
    return .known(place)
  }

  // MARK: Inputs

  /// Every node that reads something from outside reads what is declared, as it is declared.
  private mutating func checkInputs() throws {
    let placeholders = Dictionary(uniqueKeysWithValues: graph.placeholders.map { ($0.name, $0) })
    for (index, node) in graph.nodes.enumerated() {
      if let read = node.primitive as? Placeholder {
        let declared = placeholders[read.input].map {
          TensorType($0.type.dtype, $0.type.shape.substituting(replacements))
        }
        guard placeholders[read.input]?.node == index, declared == read.type else {
          throw refuse("Node \(index) ('placeholder')", "is not what a declaration of a placeholder says")
        }
      }
      if let read = node.primitive as? ReadVariable, reads[read.variable] == nil { reads[read.variable] = index }
    }
    for placeholder in graph.placeholders {
      guard (graph.nodes[placeholder.node].primitive as? Placeholder)?.input == placeholder.name else {
        throw refuse(
          "The placeholder '\(placeholder.name)'", "names node \(placeholder.node), which is another placeholder's")
      }
    }
  }

  private mutating func readVariables() throws {
    let dependent = graph.nodesThatDependOnInputs()
    var types: [String: TensorType] = [:]
    for (index, line) in record.variables.enumerated() {
      let subject = "Variable \(index)"
      guard Graph.isName(line.name), types[line.name] == nil, line.group.utf8.count <= 200 else {
        throw refuse(subject, "has a name or group that is empty, too long, taken or has control characters")
      }
      guard let role = VariableDeclaration.Role(rawValue: line.role) else {
        let roles = VariableDeclaration.Role.allCases.map(\.rawValue).joined(separator: ", ")
        throw refuse(subject, "('\(line.name)') has the role '\(line.role.prefix(40))'; expected one of \(roles)")
      }
      guard let type = TensorType(reading: line.type), type.shape.extents != nil, reads[line.name] != nil else {
        throw refuse(
          subject, "('\(line.name)') is '\(line.type.prefix(80))'; expected a fixed shape and a node that reads it")
      }
      guard graph.nodes.indices.contains(line.initial), graph.nodes[line.initial].type == type, !dependent[line.initial]
      else {
        throw refuse(
          subject,
          "('\(line.name)') begins with node \(line.initial); expected a node of type \(type) that needs neither "
            + "placeholders nor variables")
      }
      types[line.name] = type
      graph.variables.append(
        VariableDeclaration(name: line.name, type: type, role: role, group: line.group, initialValue: line.initial))
    }
    for (index, node) in graph.nodes.enumerated() {
      guard let read = node.primitive as? ReadVariable else { continue }
      guard types[read.variable] == read.type else {
        throw refuse("Node \(index) ('variable')", "is not what a declaration of a variable says")
      }
    }
  }

  private func restoreStreams() throws {
    let used = graph.nodes.compactMap { ($0.primitive as? RandomBits)?.stream }.max().map { Int($0) + 1 } ?? 0
    guard record.randomStreams >= used, record.randomStreams <= 1 << 32 else {
      throw refuse(
        "The number of random streams, \(record.randomStreams),",
        "does not fit; expected \(used), or more up to \(1 << 32)")
    }
    graph.streamCount = UInt32(truncatingIfNeeded: record.randomStreams)
  }

  private func readExpectations() throws {
    let inputs = Set(graph.placeholders.map(\.name))
    for (index, line) in (record.expectations ?? []).enumerated() {
      let subject = "Expectation \(index)"
      let (low, high) = (line.low ?? -.infinity, line.high ?? .infinity)
      guard inputs.contains(line.input), graph.nodes.indices.contains(line.node), low <= high else {
        throw refuse(subject, "does not name a placeholder, a node and a range")
      }
      guard Graph.isName(line.reason) else {
        throw refuse(subject, "has a reason that is empty, longer than 200 bytes or has control characters")
      }
      graph.expectations.append(
        DataExpectation(
          input: line.input, range: low...high, reason: line.reason, source: try place(line.at, subject),
          subject: line.node))
    }
  }

  // MARK: Signatures

  func readSignatures() throws -> [Signature] {
    var names: Set<String> = []
    return try record.signatures.enumerated().map { index, line in
      let subject = "Signature \(index)"
      guard Graph.isName(line.name), names.insert(line.name).inserted,
        line.outputs.allSatisfy({ Graph.isName($0.name) })
      else {
        throw refuse(subject, "has a name that is empty, too long, taken or has control characters")
      }
      var signature = Signature(line.name)
      signature.outputs = try line.outputs.map { (name: $0.name, tensor: try tensor($0.node, subject)) }
      signature.updates = try line.updates.map { update in
        guard let read = reads[update.variable] else {
          throw refuse(subject, "updates the variable '\(update.variable.prefix(200))', which is not declared")
        }
        return VariableUpdate(Tensor(graph: graph, id: read), to: try tensor(update.node, subject))
      }
      do { _ = try graph.program(signature) } catch let error as ElbowError {
        throw refuse(subject, "does not fit: \(withoutStop(error.message))")
      }
      return signature
    }
  }

  private func tensor(_ node: Int, _ subject: String) throws -> Tensor {
    guard graph.nodes.indices.contains(node) else {
      throw refuse(subject, "names node \(node), but there are only \(graph.nodes.count)")
    }
    return Tensor(graph: graph, id: node)
  }
}
