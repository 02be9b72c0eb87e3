import ElbowGraph

/// Writes pooling as reductions over a view of the windows of the padded operand.
package struct LowerWindowReductions: Pass {
  package let name = "lower-window-reductions"

  package init() {}

  package func run(_ program: Program) throws -> Program {
    var rewriter = ProgramRewriter(program)
    return rewriter.rewrite { rewriter, node in
      guard let rule = node.primitive as? ReduceWindow else { return nil }
      var operand = node.inputs[0]
      if (rule.low + rule.high).contains(where: { $0 != 0 }) {
        let pad = Pad(
          low: rule.low.map { Dimension($0) }, high: rule.high.map { Dimension($0) },
          interior: [Int](repeating: 0, count: rule.low.count), value: rule.operation == .sum ? 0 : -.infinity)
        guard let padded = rewriter.emit(pad, [operand], like: node) else { return nil }
        operand = padded
      }
      let rank = rule.sizes.count
      let axes = (0..<rank).filter { rule.sizes[$0] > 1 || rule.strides[$0] > 1 }
      guard !axes.isEmpty else { return operand }
      let windows = Windows(
        axes: axes, sizes: axes.map { rule.sizes[$0] }, strides: axes.map { rule.strides[$0] },
        dilations: axes.map { _ in 1 })
      guard let view = rewriter.emit(windows, [operand], like: node) else { return nil }
      let reduction = Reduce(rule.operation == .sum ? .sum : .maximum, axes: [Int](rank..<rank + axes.count))
      return rewriter.emit(reduction, [view], like: node)
    }
  }
}
