import ElbowGraph

/// Asks the sign of a product that relu or leaky relu was taken of from their result, which has the same: the mask of their
/// gradients.
///
/// `select(x > 0, x, 0)` and `select(x > 0, x, a x)` with a > 0 are positive exactly where x is; NaN is not, nor is what they
/// make of it. Then x itself is needed no longer once the activation is there: it is not stored until the backward pass, and
/// the activation finishes the product, of which it was a pass of its own. That is for matrix products; the activations of
/// convolutions are written to where the next layer reads them with padding around, and would be stored once more.
package struct ReuseActivations: Pass {
  package let name = "reuse-activations"

  package init() {}

  package func run(_ program: Program) throws -> Program {
    var rewriter = ProgramRewriter(program)
    /// The activation of each mask, and the mask made of it once it has been asked for.
    var activations: [Int: Int] = [:]
    var masks: [Int: Int] = [:]
    return rewriter.rewrite { rewriter, node in
      if let mask = ReuseActivations.rectifierMask(node, rewriter), activations[mask] == nil {
        activations[mask] = rewriter.result.nodes.count
        return nil
      }
      var inputs = node.inputs
      for (position, input) in node.inputs.enumerated() {
        guard let activation = activations[input] else { continue }
        guard let mask = masks[input] ?? ReuseActivations.mask(like: input, of: activation, &rewriter) else { continue }
        masks[input] = mask
        inputs[position] = mask
      }
      return inputs == node.inputs ? nil : rewriter.emit(node.primitive, inputs, like: node)
    }
  }

  /// The x > 0 of relu or leaky relu; nil if the node is neither.
  private static func rectifierMask(_ node: Node, _ rewriter: ProgramRewriter) -> Int? {
    guard node.primitive is Select else { return nil }
    let (mask, x) = (node.inputs[0], node.inputs[1])
    let compare = rewriter.result.nodes[mask]
    guard (compare.primitive as? Compare)?.relation == .less, compare.inputs[1] == x,
      rewriter.constant(compare.inputs[0]) == 0
    else { return nil }
    guard isProduct(x, rewriter) else { return nil }
    if rewriter.constant(node.inputs[2]) == 0 { return mask }
    let scaled = rewriter.result.nodes[node.inputs[2]]
    guard scaled.primitive is Multiply, let position = scaled.inputs.firstIndex(of: x),
      let slope = rewriter.constant(scaled.inputs[1 - position]), slope > 0
    else { return nil }
    return mask
  }

  /// Whether a node is a matrix product, or the sum of one and something else, such as a bias.
  private static func isProduct(_ index: Int, _ rewriter: ProgramRewriter) -> Bool {
    let node = rewriter.result.nodes[index]
    let candidates = node.primitive is Add ? node.inputs.map { rewriter.result.nodes[$0] } : [node]
    return candidates.contains { $0.primitive is Contraction }
  }

  /// 0 < activation.
  private static func mask(like mask: Int, of activation: Int, _ rewriter: inout ProgramRewriter) -> Int? {
    let node = rewriter.result.nodes[mask]
    return rewriter.emit(Compare(.less), [node.inputs[0], activation], like: node)
  }
}
