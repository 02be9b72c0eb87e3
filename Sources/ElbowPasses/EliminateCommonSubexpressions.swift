import ElbowGraph

/// Computes once what is written twice.
package struct EliminateCommonSubexpressions: Pass {
  package let name = "eliminate-common-subexpressions"

  package init() {}

  private struct Key: Hashable {
    let primitive: AnyHashable
    let inputs: [Int]
    let type: TensorType
  }

  package func run(_ program: Program) throws -> Program {
    var known: [Key: Int] = [:]
    var rewriter = ProgramRewriter(program)
    return rewriter.rewrite { rewriter, node in
      let key = Key(primitive: AnyHashable(node.primitive), inputs: node.inputs, type: node.type)
      if let earlier = known[key] { return earlier }
      known[key] = rewriter.result.nodes.count
      return nil
    }
  }
}
