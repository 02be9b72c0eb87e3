import ElbowArrays
import ElbowGraph

/// The reference evaluation of a program, node by node, with a look at each node's operands.
struct NodeEvaluation {
  /// A program without symbols.
  let program: Program
  let feeds: [String: HostArray]
  let state: [String: HostArray]
  let random: RandomState

  /// - Parameter observe: Called with each node's number, operands and value.
  func run(
    observe: (_ node: Int, _ operands: [HostArray], _ value: HostArray) throws -> Void
  ) throws -> ReferenceEvaluator.Result {
    var values: [HostArray] = []
    for (index, node) in program.nodes.enumerated() {
      let operands = node.inputs.map { values[$0] }
      let value = try NodeEvaluation.value(of: node, operands, feeds: feeds, state: state, random: random)
      try observe(index, operands, value)
      values.append(value)
    }
    var result = ReferenceEvaluator.Result(outputs: [:], updates: [:])
    for output in program.outputs where output.check == nil { result.outputs[output.name] = values[output.node] }
    for update in program.updates { result.updates[program.variables[update.variable].name] = values[update.node] }
    return result
  }

  /// The value of a node of fixed shape.
  static func value(
    of node: Node, _ operands: [HostArray], feeds: [String: HostArray], state: [String: HostArray],
    random: RandomState
  ) throws -> HostArray {
    if let placeholder = node.primitive as? Placeholder {
      guard let value = feeds[placeholder.input] else {
        throw ElbowError(.feed, "The placeholder '\(placeholder.input)' is not fed.")
      }
      return value
    }
    if let read = node.primitive as? ReadVariable {
      guard let value = state[read.variable] else {
        throw ElbowError(.feed, "The variable '\(read.variable)' has no value.")
      }
      return value
    }
    guard let shape = node.type.shape.extents else {
      throw ElbowError(.internal, "The shape \(node.type.shape) is not fixed.")
    }
    return try node.primitive.evaluate(
      EvaluationContext(inputs: operands, dtype: node.type.dtype, shape: shape, bindings: [:], random: random))
  }
}
