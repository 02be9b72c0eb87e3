import ElbowGraph

extension ModelPart {
  public var updates: [VariableUpdate] { parts.flatMap(\.updates) }
  public var losses: [Tensor] { parts.flatMap(\.losses) }

  /// The parts that it has as properties.
  private var parts: [any ModelPart] {
    var found: [any ModelPart] = []
    forEachProperty(of: self) { value in
      guard let part = value as? any ModelPart else { return false }
      found.append(part)
      return true
    }
    return found
  }
}
