import ElbowArrays
import ElbowGraph
import ElbowProbability

extension TensorConvertible {
  /// The value, computed now: for looking at what a graph does.
  ///
  ///     print(try Normal(in: graph, loc: 0, scale: 1).sample(6).value())
  ///
  /// Variables have their initial values, and random numbers are those of the first run of a ``Session`` with the seed. What
  /// takes long is compiled; the rest the reference evaluator computes, without a C compiler.
  ///
  /// - Parameters:
  ///   - feeds: The values of the placeholders that it depends on: arrays, or numbers and nested arrays of them.
  ///   - seed: Of the variables' first values and everything random.
  /// - Throws: ``ElbowError``: the graph's first mistake, or of kind `feed` if what is fed does not fit.
  public func value(feeding feeds: [Tensor: any ArrayConvertible] = [:], seed: UInt64 = 0) throws -> HostArray {
    let (tensor, graph) = (tensor, tensor.graph)
    return try namingTheCallersLine {
      try graph.check()
      let signature = Signature("value", outputs: ["value": tensor])
      let program = try graph.program(signature)
      let fed = try graph.arrays(graph.named(feeds))
      guard try program.work(feeding: fed) <= Looking.mostWork else {
        return try Session(graph, seed: seed).run(tensor, feeding: feeds)
      }
      let state = try graph.initialValues(of: program.variables, seed: seed)
      let run = try ReferenceEvaluator(program).run(feeding: fed, state: state, random: RandomState(seed: seed))
      guard let value = run.outputs["value"] else { throw ElbowError(.internal, "A look at a tensor gave no value.") }
      return value
    }
  }
}

private enum Looking {
  /// About as much as is evaluated before a C compiler would have begun.
  static let mostWork = 300_000.0
}

extension Program {
  /// About how many operations a run takes.
  fileprivate func work(feeding feeds: [String: HostArray]) throws -> Double {
    let (_, bindings) = try bind(feeds)
    func count(_ shape: Shape) -> Double { (shape.evaluated(with: bindings) ?? []).reduce(1) { $0 * Double($1) } }
    return nodes.reduce(0) { total, node in
      let own = count(node.type.shape)
      let operands = node.inputs.map { count(nodes[$0].type.shape) }
      // Products and convolutions take each element of a result from many.
      let isProduct = node.primitive is Contraction || node.primitive is Convolution
      return total + (isProduct ? own * (operands.min() ?? 1) : max(own, operands.max() ?? 0))
    }
  }
}

extension Graph {
  /// Feeds by placeholder become feeds by name.
  func named(_ feeds: [Tensor: any ArrayConvertible]) throws -> [String: any ArrayConvertible] {
    var named: [String: any ArrayConvertible] = [:]
    for (tensor, value) in feeds {
      guard let placeholder = tensor.node.primitive as? Placeholder else {
        let known = placeholders.map { "'\($0.name)'" }.joined(separator: ", ")
        throw ElbowError(
          .feed,
          "\(tensor) is fed, but is not a placeholder: those of the graph are \(known.isEmpty ? "none" : known).",
          notes: tensor.location.map { ["the tensor is made at \($0)"] } ?? [])
      }
      guard tensor.graph === self else {
        throw ElbowError(
          .feed, "The placeholder '\(placeholder.input)' that is fed belongs to another graph than what is computed.")
      }
      named[placeholder.input] = value
    }
    return named
  }

  /// Feeds as arrays, numbers as the placeholder's dtype.
  func arrays(_ feeds: [String: any ArrayConvertible]) throws -> [String: HostArray] {
    try Dictionary(
      uniqueKeysWithValues: feeds.map { name, value in
        let dtype = placeholders.first { $0.name == name }?.type.dtype ?? .float32
        do {
          return (name, try value.hostArray(as: dtype))
        } catch let error as ElbowError {
          throw ElbowError(.feed, "The placeholder '\(name)' cannot be fed: \(error.message)")
        }
      })
  }

  /// The values that variables begin with, by name.
  func initialValues(of variables: some Sequence<VariableDeclaration>, seed: UInt64) throws -> [String: HostArray] {
    var signature = Signature("initial")
    signature.outputs = variables.map { (name: $0.name, tensor: Tensor(graph: self, id: $0.initialValue)) }
    guard !signature.outputs.isEmpty else { return [:] }
    return try ReferenceEvaluator(program(signature)).run(random: RandomState(seed: seed)).outputs
  }
}
