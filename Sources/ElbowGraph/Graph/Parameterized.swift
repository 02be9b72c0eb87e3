/// Something with variables that training changes: a layer, a distribution, a bijector.
public protocol Parameterized {
  /// The variables that training changes, in the order of their declaration. Layers have theirs once they have been called.
  var parameters: [Tensor] { get }
}

extension Parameterized {
  /// Those of its properties: variables, and what is parameterised itself, also within optionals, arrays, tuples and plain
  /// structures.
  public var parameters: [Tensor] {
    var found: [Tensor] = []
    forEachProperty(of: self) { value in
      switch value {
      case let tensor as Tensor: found.append(tensor)
      case let part as any Parameterized: found += part.parameters
      default: return false
      }
      return true
    }
    return Graph.parameters(among: found)
  }
}

/// Calls `visit` with the properties of a value, and with those of properties that it returns false for, unless they are objects:
/// an object is somebody else's.
package func forEachProperty(of value: Any, _ visit: (Any) -> Bool) {
  func walk(_ mirror: Mirror) {
    if let base = mirror.superclassMirror { walk(base) }
    for child in mirror.children where !visit(child.value) {
      let inner = Mirror(reflecting: child.value)
      if inner.displayStyle != .class { walk(inner) }
    }
  }
  walk(Mirror(reflecting: value))
}

extension Graph {
  /// Those of some tensors that read parameters, each once, in the order of declaration.
  package static func parameters(among tensors: [Tensor]) -> [Tensor] {
    guard let graph = tensors.first?.graph else { return [] }
    func name(_ tensor: Tensor) -> String? {
      graph.declaration(of: tensor).flatMap { $0.role == .parameter ? $0.name : nil }
    }
    let names = Set(tensors.compactMap(name))
    return graph.variables(role: .parameter).filter { name($0).map(names.contains) ?? false }
  }
}
