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
  /// - Returns: The tensors that later operations can use; nothing if no operands fit.
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
    + distributions + chains

  /// A product or a convolution, followed by what fusion and lowering have to do with.
  private static let chains: [Operation] = [
    Operation("chain", weight: 24) { composer in
      let names: Set<String> = [
        "arithmetic", "scalar arithmetic", "integral function", "select", "transpose", "reshape", "slice", "pad",
        "concatenate", "interleave", "windows", "reduce", "cumulative sum", "dense", "convolution of images",
        "convolution", "window reduction", "pooling of images", "triangle",
      ]
      let functions: Set<String> = composer.mode == .smooth ? ["activation", "function", "vector function"] : []
      let followers = (elementwise + views + reductions + products + windows + compositions).filter {
        names.contains($0.name) || functions.contains($0.name)
      }
      return composer.chain(products + [windows[0], windows[1]], then: followers)
    }
  ]
}
