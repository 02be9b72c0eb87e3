import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Where variables lie in the state, as C says it: by names that a model's header defines, `VAE_AT_ENCODER_HIDDEN_KERNEL`, or in
/// numbers.
struct StatePlaces {
  let layout: StateLayout
  /// The names, by variable; nil for numbers.
  private let names: [String]?

  /// - Parameter prefix: The model's.
  init(_ variables: [VariableDeclaration], _ layout: StateLayout, prefix: String) {
    self.layout = layout
    var naming = Naming()
    names = variables.map {
      prefix.uppercased() + "_AT_" + naming.identifier(for: Naming.sanitized($0.name, default: "variable").uppercased())
    }
  }

  private init(_ layout: StateLayout) { (self.layout, names) = (layout, nil) }

  /// The same in numbers, for kernels that share a function, which is given them.
  var inNumbers: StatePlaces { StatePlaces(layout) }

  /// The bytes before a variable.
  subscript(variable: Int) -> CExpression { names.map { .name($0[variable]) } ?? .integer(layout.offsets[variable]) }

  /// The definitions of the names, in the order of the state.
  var definitions: [CDeclaration] {
    guard let names, !names.isEmpty else { return [] }
    let order = names.indices.sorted { layout.offsets[$0] < layout.offsets[$1] }
    return [.comment("Where variables lie in the state, in bytes from its beginning.")]
      + order.map { .define(names[$0], "\(layout.offsets[$0])") }
  }
}
