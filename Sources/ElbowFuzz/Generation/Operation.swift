import ElbowGraph

/// A word of the vocabulary: something that can be written into a graph.
struct Operation: Sendable {
  let name: String
  /// How often it is chosen, relative to the others.
  let weight: Int
  /// The modes in which it makes sense.
  let modes: Set<FuzzMode>
  /// Writes it down, of operands that it chooses.
  ///
  /// - Returns: What later operations can use; nothing if no operands fit.
  let write: @Sendable (inout Composer) -> [Tensor]

  init(
    _ name: String, weight: Int = 4, modes: Set<FuzzMode> = [.exact, .smooth],
    _ write: @escaping @Sendable (inout Composer) -> [Tensor]
  ) {
    self.name = name
    self.weight = weight
    self.modes = modes
    self.write = write
  }

  /// An operation with one result.
  static func one(
    _ name: String, weight: Int = 4, modes: Set<FuzzMode> = [.exact, .smooth],
    _ write: @escaping @Sendable (inout Composer) -> Tensor?
  ) -> Operation {
    Operation(name, weight: weight, modes: modes) { composer in write(&composer).map { [$0] } ?? [] }
  }
}

/// All that graphs are made of.
enum Vocabulary {
  static let all: [Operation] =
    elementwise + views + reductions + products + windows + compositions + draws + derivatives + loops + layers
    + distributions
}
