import ElbowArrays
import ElbowGraph

/// The variables that an optimizer changes: of one graph, each with its gradient, each once.
struct UpdateTargets {
  let graph: Graph
  private let variables: [Tensor]
  private let names: [String]

  /// Nil, with a recorded mistake, if a pair is not a parameter with its gradient.
  init?(_ optimizer: String, _ pairs: ParameterGradients) {
    guard let graph = pairs.first?.variable.graph else { return nil }
    var names: [String] = []
    for (variable, gradient) in pairs {
      guard variable.isValid, gradient.isValid else { return nil }
      guard variable.graph === graph, gradient.graph === graph, let declaration = graph.declaration(of: variable) else {
        _ = graph.invalid(
          .invalidArgument, "\(optimizer) can only change variables of one graph, but \(variable) is none of it.")
        return nil
      }
      guard variable.type == gradient.type else {
        _ = graph.invalid(
          .shape,
          "\(optimizer): the variable '\(declaration.name)' is \(variable.type), but its gradient is "
            + "\(gradient.type).")
        return nil
      }
      guard !names.contains(declaration.name) else {
        _ = graph.invalid(.invalidArgument, "\(optimizer): the variable '\(declaration.name)' occurs twice.")
        return nil
      }
      names.append(declaration.name)
    }
    self.graph = graph
    self.names = names
    variables = pairs.map(\.variable)
  }

  /// One slot for each parameter, in order: `<group>/<parameter>`.
  func slots(_ group: String, initialValue: Double) -> [Tensor] {
    zip(variables, names).map { variable, name in
      graph.variable(
        "\(group)/\(name)", initialValue: graph.full(variable.shape, initialValue, dtype: variable.dtype), role: .slot,
        group: group)
    }
  }

  /// A number of steps, 0 at first.
  func counter(_ name: String, group: String) -> Tensor {
    graph.variable(name, initialValue: graph.constant(0, dtype: .int64), role: .counter, group: group)
  }
}

extension Graph {
  /// A name that no placeholder or variable of the graph has: `adam`, `adam_1`, ...
  func freeName(_ base: String) -> String {
    var name = base
    var count = 0
    while placeholders.contains(where: { $0.name == name })
      || variables.contains(where: {
        $0.name == name || $0.name.hasPrefix(name + "/") || $0.group.hasPrefix(name + "/")
      })
    {
      count += 1
      name = "\(base)_\(count)"
    }
    return name
  }
}
