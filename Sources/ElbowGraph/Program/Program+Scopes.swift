extension Program {
  /// The scope that each node belongs to, `encoder/hidden`, or an empty text: for drawings, which show layers as boxes.
  ///
  /// Graphs name the scopes of variables alone, so that of other nodes follows from what they compute with. A node that
  /// uses a variable, as it is or through operations on it alone, belongs to that variable's scope; to the longest, if it
  /// uses several. Other nodes belong to what the scopes of their operands have in common, those without one left out.
  /// The backward pass of a layer thereby lies in its box too.
  public var scopes: [String] {
    var scopes: [[Substring]?] = []
    // Whether the node is a variable, or made of one alone.
    var isVariable: [Bool] = []
    for node in nodes {
      if let read = node.primitive as? ReadVariable {
        scopes.append(read.variable.split(separator: "/").dropLast())
        isVariable.append(true)
        continue
      }
      let own = node.inputs.filter { isVariable[$0] }.compactMap { scopes[$0] }
      let known = node.inputs.compactMap { scopes[$0] }
      if let longest = own.max(by: { $0.count < $1.count }) {
        scopes.append(longest)
      } else {
        scopes.append(known.dropFirst().reduce(known.first) { common, next in common.map { prefix($0, next) } })
      }
      isVariable.append(node.inputs.count == 1 && isVariable[node.inputs[0]])
    }
    return scopes.map { ($0 ?? []).joined(separator: "/") }
  }

  private func prefix(_ first: [Substring], _ second: [Substring]) -> [Substring] {
    Array(zip(first, second).prefix { $0 == $1 }.map(\.0))
  }
}
