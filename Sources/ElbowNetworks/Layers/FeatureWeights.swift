import ElbowArrays
import ElbowGraph

/// The common part of the normalization layers: variables of one number for each feature of an axis, made by the first call.
final class FeatureWeights: Parameterized {
  private let call: String
  private let baseName: String
  private let axis: Int
  /// The layer's own declarations, in the order in which they are made.
  private let declarations: [(name: String, initializer: Initializer, role: VariableDeclaration.Role)]
  private(set) var name: String?
  private(set) var variables: [String: Tensor] = [:]

  init(
    _ call: String, named baseName: String, name: String?, axis: Int,
    _ declarations: [(name: String, initializer: Initializer, role: VariableDeclaration.Role)]
  ) {
    self.call = call
    self.baseName = baseName
    self.name = name
    self.axis = axis
    self.declarations = declarations
  }

  /// The axis counted from the start, and the variables with axes of extent 1 around it; nil, with a recorded mistake, if the
  /// input does not fit them.
  func fitting(_ input: Tensor) -> (axis: Int, variables: [String: Tensor])? {
    func refuse(_ kind: ElbowError.Kind, _ message: String) -> (axis: Int, variables: [String: Tensor])? {
      _ = input.graph.invalid(kind, "\(described) cannot be applied to \(input.type): \(message).")
      return nil
    }
    guard input.dtype.isFloatingPoint else {
      return refuse(.dtype, "its input is floating point; convert it with cast(to: .float32)")
    }
    guard (-input.rank..<input.rank).contains(axis) else { return refuse(.shape, "it has no axis \(axis)") }
    let position = axis < 0 ? axis + input.rank : axis
    guard let features = input.shape[position].value ?? variables.values.first?.shape[0].value else {
      return refuse(.shape, "the size of axis \(axis) has to be known")
    }
    if variables.isEmpty { make(features, for: input) }
    for variable in variables.values {
      guard variable.isValid else { return nil }
      guard variable.graph === input.graph else {
        return refuse(.invalidArgument, "it has its weights in another graph; make a layer for each")
      }
      guard input.shape[position].canEqual(variable.shape[0]) else {
        return refuse(.shape, "it has weights for \(variable.shape[0]) features, from its first call")
      }
    }
    let around = (0..<input.rank).map { $0 == position ? -1 : 1 }
    return (position, position == input.rank - 1 ? variables : variables.mapValues { $0.reshaped(around) })
  }

  private func make(_ features: Int, for input: Tensor) {
    let name = name ?? input.graph.uniqueName(baseName)
    self.name = name
    input.graph.scope(name) {
      for declaration in declarations {
        variables[declaration.name] = input.graph.variable(
          declaration.name,
          initialValue: declaration.initializer([features], graph: input.graph, dtype: input.dtype),
          role: declaration.role)
      }
    }
  }

  private var described: String { call + (name.map { " '\($0)'" } ?? "") }
}
