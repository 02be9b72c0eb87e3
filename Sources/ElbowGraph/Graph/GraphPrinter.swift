import ElbowArrays

extension Program: CustomStringConvertible {
  /// A line for each node: `%3: float32[n, 100] = add(%1, %2)   // VAE.swift:12`.
  public var description: String { listing(locations: false) }

  /// The program as text, with the user's lines if asked.
  public func listing(locations: Bool) -> String {
    var lines = ["program \(name) {"]
    for (index, node) in (locations ? withLocations() : self).nodes.enumerated() {
      var line = "  %\(index): \(node.type) = \(node.summary)"
      if locations, let place = node.source.resolve() { line += "  // \(place)" }
      lines.append(line)
    }
    for output in outputs { lines.append("  output \(output.name) = %\(output.node)") }
    for update in updates { lines.append("  update \(variables[update.variable].name) = %\(update.node)") }
    return (lines + ["}"]).joined(separator: "\n")
  }
}

extension Node {
  /// `reduce(%3) {axes: [1], operation: "sum"}`.
  var summary: String {
    let operands = inputs.isEmpty ? "" : "(" + inputs.map { "%\($0)" }.joined(separator: ", ") + ")"
    // An input's dtype and shape are its type, which is printed anyway.
    let hidden: Set<String> = primitive is any InputPrimitive && !(primitive is Constant) ? ["dtype", "shape"] : []
    let attributes = primitive.attributes.filter { !hidden.contains($0.key) }.sorted { $0.key < $1.key }
    let details = attributes.isEmpty ? "" : " {" + attributes.map { "\($0): \($1)" }.joined(separator: ", ") + "}"
    return Swift.type(of: primitive).name + operands + details
  }
}

extension Graph: CustomStringConvertible {
  /// The graph's inputs, variables and the number of its nodes.
  public var description: String {
    let inputs = placeholders.map { "  placeholder \($0.name): \($0.type)" }
    let state = variables.map { "  \($0.role) \($0.name): \($0.type)" }
    let mistakes = diagnostics.map { "  \($0)" }
    return (["Graph with \(nodes.count) nodes {"] + inputs + state + mistakes + ["}"]).joined(separator: "\n")
  }
}
