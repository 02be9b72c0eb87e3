import ElbowArrays
import ElbowGraph

/// Computes what depends on constants alone, as long as the result is small.
package struct FoldConstants: Pass {
  package let name = "fold-constants"
  /// The elements a result may have: a large constant would cost more in the library than computing it.
  static let largestResult = 64

  package init() {}

  package func run(_ program: Program) throws -> Program {
    var rewriter = ProgramRewriter(program)
    return rewriter.rewrite { rewriter, node in
      guard !(node.primitive is any InputPrimitive), !(node.primitive is any GeneratingPrimitive),
        !(node.primitive is Broadcast), !(node.primitive is Scan), let extents = node.type.shape.extents,
        let count = node.type.shape.elementCount.value, count <= FoldConstants.largestResult
      else { return nil }
      let values = node.inputs.compactMap { (rewriter.result.nodes[$0].primitive as? Constant)?.value }
      guard !values.isEmpty, values.count == node.inputs.count else { return nil }
      let context = EvaluationContext(
        inputs: values, dtype: node.type.dtype, shape: extents, bindings: [:], random: RandomState(seed: 0))
      guard let value = try? node.primitive.evaluate(context) else { return nil }
      return rewriter.emit(Constant(value), [], like: node)
    }
  }
}
