import ElbowGraph

/// A rewrite of a program that keeps what it computes.
package protocol Pass: Sendable {
  /// The pass's name in logs and `explain`, `fold-constants`.
  var name: String { get }
  func run(_ program: Program) throws -> Program
}

/// Builds a program from another one, node by node, so that a pass says only what changes.
struct ProgramRewriter {
  let source: Program
  var result: Program
  /// Where each node of the source went.
  private(set) var newIndex: [Int]

  init(_ source: Program) {
    self.source = source
    result = source
    result.nodes = []
    newIndex = []
    result.nodes.reserveCapacity(source.nodes.count)
    newIndex.reserveCapacity(source.nodes.count)
  }

  /// Adds an operation on nodes of the result.
  ///
  /// - Returns: Its index in the result; nil if the operands do not fit, which a correct pass never sees.
  mutating func emit(_ primitive: some Primitive, _ inputs: [Int], like node: Node) -> Int? {
    guard let type = try? primitive.resultType(of: inputs.map { result.nodes[$0].type }) else { return nil }
    result.nodes.append(Node(primitive, inputs: inputs, type: type, source: node.source))
    return result.nodes.count - 1
  }

  /// Rewrites every node in turn. `replace` gets a node whose operands are already those of the result, and returns the
  /// index of what stands for it; nil keeps it.
  mutating func rewrite(_ replace: (inout ProgramRewriter, Node) -> Int?) -> Program {
    for node in source.nodes {
      var moved = node
      moved.inputs = node.inputs.map { newIndex[$0] }
      if let replacement = replace(&self, moved), result.nodes[replacement].type == node.type {
        newIndex.append(replacement)
      } else {
        result.nodes.append(moved)
        newIndex.append(result.nodes.count - 1)
      }
    }
    for index in result.outputs.indices { result.outputs[index].node = newIndex[source.outputs[index].node] }
    for index in result.updates.indices { result.updates[index].node = newIndex[source.updates[index].node] }
    return result.withoutDeadNodes()
  }
}
