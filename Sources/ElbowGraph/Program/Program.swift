import ElbowArrays

/// One signature of a graph on its own: the nodes it needs, with no more symbols than it has, ready for passes.
///
/// A program is a value. Passes make a new one from an old one; a node's index is valid within its program only.
public struct Program: Sendable {
  /// An input in the order of declaration.
  public struct Input: Sendable {
    /// The placeholder's name.
    public var name: String
    /// The dtype and shape of what is fed.
    public var type: TensorType
    /// The value when nothing is fed; nil if something has to be.
    public var defaultValue: HostArray?
  }
  /// A result that a run gives.
  public struct Output: Sendable {
    /// The name that it is returned under; a check's message.
    public var name: String
    /// The node whose value it is.
    public var node: Int
    /// Set for a bool that says whether a condition on a value holds; its name is the message where it does not.
    public var check: SourceReference?
  }
  /// A variable's new value.
  public struct Update: Sendable {
    /// The variable's index in ``variables``.
    public var variable: Int
    /// The node whose value the variable takes when a run ends.
    public var node: Int
  }

  /// The signature's name.
  public var name: String
  /// The operations; operands come before users.
  public var nodes: [Node]
  /// The placeholders that the program needs.
  public var inputs: [Input]
  /// The results, those of checks last.
  public var outputs: [Output]
  /// The variables' new values, each variable once at most.
  public var updates: [Update]
  /// Every variable of the graph, whether the program uses it or not, for their place in memory.
  public var variables: [VariableDeclaration]
  /// Extents that inputs have to agree about, as far as their symbols' names do not say it.
  public var equalities: [DimensionEquality]
  /// Extents that are computed of others and have to be at least 1, for any of what the program was written with.
  public var requirements: [ExtentRequirement] = []
  /// How the inputs' own shapes were written, for messages: symbols that turned out equal have other names there.
  public var declaredTypes: [String: TensorType]

  /// The nodes whose values leave the program.
  public var roots: [Int] { outputs.map(\.node) + updates.map(\.node) }

  /// Whether a run draws random numbers.
  public var isRandom: Bool { nodes.contains { $0.primitive is RandomBits } }

  /// The type of a node.
  public func type(_ node: Int) -> TensorType { nodes[node].type }
}

extension Graph {
  /// The program of a signature.
  ///
  /// - Throws: `ElbowError` if the graph has mistakes, or the signature mixes graphs, repeats a name, updates what is not a
  ///   variable, or gives a variable a value of another type.
  public func program(_ signature: Signature) throws -> Program { try program(signature, isChecked: true) }

  private func program(_ signature: Signature, isChecked: Bool) throws -> Program {
    try check()
    // The graph stays as it is: nodes that guard updates are the program's alone.
    let count = nodes.count
    defer { nodes.removeLast(nodes.count - count) }
    let checks = isChecked ? checks(for: signature.outputs.map(\.tensor) + signature.updates.map(\.value)) : []
    let updates = guarded(signature.updates, by: checks)
    var program = Program(
      name: signature.name, nodes: nodes, inputs: [], outputs: [], updates: [], variables: variables,
      equalities: equalities, declaredTypes: [:])
    for (name, tensor) in signature.outputs {
      guard tensor.graph === self, tensor.isValid else {
        throw ElbowError(
          .feed, "The output '\(name)' of '\(signature.name)' is not a tensor of this graph.",
          notes: ["a session, and what is compiled, gives tensors of the graph that it was made with"])
      }
      guard !program.outputs.contains(where: { $0.name == name }) else {
        throw ElbowError(.feed, "The signature '\(signature.name)' has two outputs named '\(name)'.")
      }
      program.outputs.append(.init(name: name, node: tensor.id))
    }
    program.outputs += checks.map { .init(name: $0.message, node: $0.holds, check: $0.source) }
    for update in updates {
      let resolved = try resolve(update, in: signature)
      guard !program.updates.contains(where: { $0.variable == resolved.variable }) else {
        throw ElbowError(
          .invalidArgument,
          "The signature '\(signature.name)' updates the variable '\(variables[resolved.variable].name)' "
            + "twice; expected one new value.")
      }
      program.updates.append(resolved)
    }
    program.inputs = placeholders.map { .init(name: $0.name, type: $0.type, defaultValue: $0.defaultValue) }
    program.declaredTypes = Dictionary(uniqueKeysWithValues: placeholders.map { ($0.name, $0.type) })
    program = program.substituting(symbolReplacements).withoutDeadNodes().withoutUnusedInputs()
    if let leaked = program.nodes.first(where: { $0.primitive is LoopLeaf }) {
      throw ElbowError(
        .invalidArgument,
        "'\(signature.name)' needs a tensor that was made in the body of a loop and means nothing outside; let the body "
          + "return it, and use what the loop gives.", at: leaked.source.resolve())
    }
    try program.checkInputs()
    program.requirements = ExtentRequirement.all(program.nodes)
    return program
  }

  /// The program that gives every variable its initial value.
  public func initializer() throws -> Program {
    let updates =
      variables(role: .parameter) + variables(role: .slot) + variables(role: .statistic)
      + variables(role: .counter)
    let values = updates.compactMap { tensor in
      declaration(of: tensor).map { VariableUpdate(tensor, to: Tensor(graph: self, id: $0.initialValue)) }
    }
    return try program(Signature("initialize", updates: values), isChecked: false)
  }

  /// Updates that change nothing unless all checks hold.
  private func guarded(_ updates: [VariableUpdate], by checks: [ValueCheck]) -> [VariableUpdate] {
    guard let first = checks.first else { return updates }
    return located(at: first.source) {
      let holds = checks.dropFirst().reduce(Tensor(graph: self, id: first.holds)) {
        $0 .& Tensor(graph: self, id: $1.holds)
      }
      return updates.map { update in
        guard update.variable.graph === self, update.value.graph === self, update.value.type == update.variable.type
        else { return update }
        return VariableUpdate(update.variable, to: select(holds, update.value, update.variable))
      }
    }
  }

  private func resolve(_ update: VariableUpdate, in signature: Signature) throws -> Program.Update {
    guard let declared = declaration(of: update.variable),
      let index = variables.firstIndex(where: { $0.name == declared.name })
    else { throw ElbowError(.feed, "An update of '\(signature.name)' is not of a variable of this graph.") }
    guard update.value.graph === self, update.value.isValid, update.value.type == declared.type else {
      throw ElbowError(
        .shape,
        "The variable '\(declared.name)' is \(declared.type), but '\(signature.name)' would set it to "
          + "\(update.value.type).", at: update.value.location)
    }
    return Program.Update(variable: index, node: update.value.id)
  }
}

extension Program {
  /// The program with symbols replaced in every shape.
  public func substituting(_ replacements: [String: Dimension]) -> Program {
    guard !replacements.isEmpty else { return self }
    var result = self
    for index in nodes.indices {
      result.nodes[index].type.shape = nodes[index].type.shape.substituting(replacements)
      if let substituted = nodes[index].primitive.substituting(replacements) {
        result.nodes[index].primitive = substituted
      }
    }
    result.equalities = equalities.compactMap {
      let (left, right) = ($0.left.substituting(replacements), $0.right.substituting(replacements))
      return left == right ? nil : DimensionEquality(left: left, right: right, source: $0.source)
    }
    for index in inputs.indices {
      result.inputs[index].type.shape = inputs[index].type.shape.substituting(replacements)
    }
    for index in requirements.indices {
      result.requirements[index].extent = requirements[index].extent.substituting(replacements)
    }
    return result
  }

  /// The program without the nodes that no output or update needs. Its inputs are what they were: they are for those who feed
  /// it, who need not know what turned out to make no difference.
  public func withoutDeadNodes() -> Program {
    var isLive = [Bool](repeating: false, count: nodes.count)
    for root in roots { isLive[root] = true }
    for index in nodes.indices.reversed() where isLive[index] {
      for input in nodes[index].inputs { isLive[input] = true }
    }
    var result = self
    result.nodes = []
    var newIndex = [Int](repeating: -1, count: nodes.count)
    for index in nodes.indices where isLive[index] {
      var node = nodes[index]
      node.inputs = node.inputs.map { newIndex[$0] }
      newIndex[index] = result.nodes.count
      result.nodes.append(node)
    }
    result.outputs = outputs.map { Output(name: $0.name, node: newIndex[$0.node], check: $0.check) }
    result.updates = updates.map { Update(variable: $0.variable, node: newIndex[$0.node]) }
    return result
  }

  /// The program without the inputs that no node reads.
  public func withoutUnusedInputs() -> Program {
    let used = Set(nodes.compactMap { ($0.primitive as? Placeholder)?.input })
    var result = self
    result.inputs = inputs.filter { used.contains($0.name) }
    return result
  }

  /// Every placeholder is an input of its own, and every symbol is the extent of an axis of one.
  fileprivate func checkInputs() throws {
    var names = Set(inputs.map(\.name))
    for node in nodes {
      guard let placeholder = node.primitive as? Placeholder, names.remove(placeholder.input) == nil else { continue }
      throw ElbowError(
        .invalidArgument,
        "'\(name)' needs two placeholders named '\(placeholder.input)', or one that was not declared by "
          + "Graph.placeholder; expected one of that name.", at: node.source.resolve())
    }
    let known = Set(symbols)
    for node in nodes {
      guard let symbol = node.symbols.subtracting(known).min() else { continue }
      throw ElbowError(
        .shape,
        "'\(Swift.type(of: node.primitive).name)' in '\(name)' depends on the extent \(symbol), which no input of "
          + "'\(name)' determines: \(describeInputs()). Let the signature compute something from a placeholder with an "
          + "axis of that extent, or give the extent as a number.", at: node.source.resolve())
    }
  }

  private func describeInputs() -> String {
    guard !inputs.isEmpty else { return "it has none" }
    return "it has " + inputs.map { "'\($0.name)' \($0.type.shape)" }.joined(separator: ", ")
  }
}

extension Program {
  /// The program with the user's line of every node looked up.
  public func withLocations() -> Program {
    var result = self
    for (index, place) in SourceReference.resolve(nodes.map(\.source)).enumerated() {
      result.nodes[index].source = place.map { .known($0) } ?? .unknown
      if var scan = nodes[index].primitive as? Scan {
        scan.body.program = scan.body.program.withLocations()
        result.nodes[index].primitive = scan
      }
    }
    return result
  }
}

extension Node {
  /// The symbols that the node's value or shape depends on.
  fileprivate var symbols: Set<String> {
    primitive.attributes.values.reduce(type.shape.symbols) { $0.union($1.symbols) }
  }
}

extension Primitive {
  public func substituting(_ replacements: [String: Dimension]) -> Self? {
    var changed = attributes
    var isChanged = false
    for (name, value) in changed {
      let substituted = value.substituting(replacements)
      if substituted != value {
        changed[name] = substituted
        isChanged = true
      }
    }
    return isChanged ? try? Self(attributes: changed) : nil
  }
}
