import ElbowArrays
import ElbowGraph

/// Replaces operations by cheaper ones with the same result to the bit, NaN and infinity included: x + 0, x * 1, views
/// of views, powers that are products.
package struct SimplifyAlgebra: Pass {
  package let name = "simplify-algebra"

  package init() {}

  package func run(_ program: Program) throws -> Program {
    var rewriter = ProgramRewriter(program)
    return rewriter.rewrite { rewriter, node in
      for rule in SimplifyAlgebra.rules {
        if let replacement = rule.apply(&rewriter, node) { return replacement }
      }
      return nil
    }
  }

  /// One rewrite, with the name that `explain` shows.
  struct Rule: Sendable {
    let name: String
    let apply: @Sendable (inout ProgramRewriter, Node) -> Int?
  }

  static let rules: [Rule] = [
    Rule(name: "x + 0 = x, x - 0 = x") { rewriter, node in
      // x + 0 turns -0 into 0; x - 0 and x + (-0) do not. Gradients of sums start from plain zeros, which is worth it.
      guard node.primitive is Add || node.primitive is Subtract else { return nil }
      if rewriter.constant(node.inputs[1]) == 0 { return node.inputs[0] }
      return node.primitive is Add && rewriter.constant(node.inputs[0]) == 0 ? node.inputs[1] : nil
    },
    Rule(name: "x * 1 = x, x / 1 = x") { rewriter, node in
      guard node.primitive is Multiply || node.primitive is Divide else { return nil }
      if rewriter.constant(node.inputs[1]) == 1 { return node.inputs[0] }
      return node.primitive is Multiply && rewriter.constant(node.inputs[0]) == 1 ? node.inputs[1] : nil
    },
    Rule(name: "x * -1 = -x") { rewriter, node in
      guard node.primitive is Multiply, node.type.dtype.isFloatingPoint else { return nil }
      if rewriter.constant(node.inputs[1]) == -1 { return rewriter.emit(Negate(), [node.inputs[0]], like: node) }
      return rewriter.constant(node.inputs[0]) == -1 ? rewriter.emit(Negate(), [node.inputs[1]], like: node) : nil
    },
    Rule(name: "-(-x) = x") { rewriter, node in
      let operand = node.inputs.first.map { rewriter.result.nodes[$0] }
      return node.primitive is Negate && operand?.primitive is Negate ? operand?.inputs[0] : nil
    },
    Rule(name: "a + (-b) = a - b") { rewriter, node in
      guard node.primitive is Add else { return nil }
      let right = rewriter.result.nodes[node.inputs[1]]
      return right.primitive is Negate ? rewriter.emit(Subtract(), [node.inputs[0], right.inputs[0]], like: node) : nil
    },
    Rule(name: "a - (-b) = a + b") { rewriter, node in
      guard node.primitive is Subtract else { return nil }
      let right = rewriter.result.nodes[node.inputs[1]]
      return right.primitive is Negate ? rewriter.emit(Add(), [node.inputs[0], right.inputs[0]], like: node) : nil
    },
    Rule(name: "pow(x, 1) = x, pow(x, 2) = x * x") { rewriter, node in
      guard node.primitive is Power, let exponent = rewriter.constant(node.inputs[1]) else { return nil }
      let base = node.inputs[0]
      if exponent == 1 { return base }
      return exponent == 2 ? rewriter.emit(Multiply(), [base, base], like: node) : nil
    },
    Rule(name: "a view of a view is one view") { rewriter, node in
      guard let inner = node.inputs.first.map({ rewriter.result.nodes[$0] }), let source = inner.inputs.first else {
        return nil
      }
      if node.primitive is Reshape && inner.primitive is Reshape {
        return rewriter.result.nodes[source].type == node.type
          ? source : rewriter.emit(Reshape(to: node.type.shape), [source], like: node)
      }
      if let outer = node.primitive as? Transpose, let first = inner.primitive as? Transpose {
        let both = outer.permutation.map { first.permutation[$0] }
        return both == [Int](both.indices) ? source : rewriter.emit(Transpose(both), [source], like: node)
      }
      if let outer = node.primitive as? Slice, let first = inner.primitive as? Slice {
        let axes = outer.strides.indices
        let starts = axes.map {
          first.starts.dimensions[$0] + outer.starts.dimensions[$0] * Dimension(first.strides[$0])
        }
        let strides = axes.map { outer.strides[$0] * first.strides[$0] }
        if strides.allSatisfy({ $0 == 1 }) && rewriter.result.nodes[source].type == node.type { return source }
        return rewriter.emit(
          Slice(starts: starts, sizes: outer.sizes.dimensions, strides: strides), [source], like: node)
      }
      if node.primitive is Broadcast && inner.primitive is Broadcast {
        return rewriter.emit(Broadcast(to: node.type.shape), [source], like: node)
      }
      return nil
    },
    Rule(name: "a reshaped or transposed scalar is a broadcast one") { rewriter, node in
      guard node.primitive is Reshape || node.primitive is Transpose || node.primitive is Slice,
        let inner = node.inputs.first.map({ rewriter.result.nodes[$0] }), inner.primitive is Broadcast,
        let source = inner.inputs.first, rewriter.result.nodes[source].type.shape.rank == 0
      else { return nil }
      return rewriter.emit(Broadcast(to: node.type.shape), [source], like: node)
    },
    Rule(name: "the sum of a broadcast scalar is its multiple") { rewriter, node in
      guard let reduce = node.primitive as? Reduce, reduce.operation == .sum, node.type.dtype.isFloatingPoint,
        let inner = node.inputs.first.map({ rewriter.result.nodes[$0] }), inner.primitive is Broadcast,
        let source = inner.inputs.first, rewriter.result.nodes[source].type.shape.rank == 0
      else { return nil }
      let count = reduce.axes.reduce(Dimension(1)) { $0 * inner.type.shape.dimensions[$1] }
      guard let extent = rewriter.emit(ExtentOf(count, dtype: node.type.dtype), [], like: node),
        let product = rewriter.emit(Multiply(), [source, extent], like: node)
      else { return nil }
      return node.type.shape.rank == 0 ? product : rewriter.emit(Broadcast(to: node.type.shape), [product], like: node)
    },
    Rule(name: "a known extent is a constant") { rewriter, node in
      guard let extent = node.primitive as? ExtentOf, let value = extent.dimension.value else { return nil }
      return rewriter.emitConstant(Double(value), extent.dtype, like: node)
    },
    Rule(name: "stop_gradient, implicit_solution and casts to the same dtype do nothing") { rewriter, node in
      guard let operand = node.inputs.first else { return nil }
      let isIdentity =
        node.primitive is StopGradient || node.primitive is ImplicitSolution || node.primitive is Cast
        || node.primitive is Reshape || node.primitive is Broadcast
        || node.primitive is Transpose && node.type.shape.rank < 2
      return isIdentity && rewriter.result.nodes[operand].type == node.type ? operand : nil
    },
    Rule(name: "select with equal branches") { rewriter, node in
      node.primitive is Select && node.inputs[1] == node.inputs[2] ? node.inputs[1] : nil
    },
    Rule(name: "select(c, 0, a) + select(c, b, 0) = select(c, b, a), and for differences") { rewriter, node in
      // The gradient of a select has this form where both of its branches lead to the same tensor. A zero may change its sign.
      guard node.primitive is Add || node.primitive is Subtract else { return nil }
      let sides = node.inputs.map { rewriter.result.nodes[$0] }
      guard sides.allSatisfy({ $0.primitive is Select }), sides[0].inputs[0] == sides[1].inputs[0] else { return nil }
      for branch in [1, 2]
      where rewriter.constant(sides[0].inputs[branch]) == 0 && rewriter.constant(sides[1].inputs[3 - branch]) == 0 {
        let (left, right) = (sides[0].inputs[3 - branch], sides[1].inputs[branch])
        let added = node.primitive is Add ? right : rewriter.emit(Negate(), [right], like: node)
        guard let added else { return nil }
        let branches = branch == 1 ? [added, left] : [left, added]
        return rewriter.emit(Select(), [sides[0].inputs[0]] + branches, like: node)
      }
      return nil
    },
    Rule(name: "an operation on broadcast scalars is done once") { rewriter, node in
      guard node.primitive is any ElementwisePrimitive, node.type.shape.rank > 0, !node.inputs.isEmpty else {
        return nil
      }
      var sources: [Int] = []
      for input in node.inputs {
        let operand = rewriter.result.nodes[input]
        guard operand.primitive is Broadcast, let source = operand.inputs.first,
          rewriter.result.nodes[source].type.shape.rank == 0
        else { return nil }
        sources.append(source)
      }
      guard let scalar = rewriter.emit(node.primitive, sources, like: node) else { return nil }
      return rewriter.emit(Broadcast(to: node.type.shape), [scalar], like: node)
    },
  ]
}

extension ProgramRewriter {
  /// Adds a scalar, converted to `dtype` as a cast does.
  mutating func emitConstant(_ value: Double, _ dtype: DType, like node: Node) -> Int? {
    let context = EvaluationContext(
      inputs: [HostArray(scalar: value)], dtype: dtype, shape: [], bindings: [:], random: RandomState(seed: 0))
    guard let constant = try? Cast(to: dtype).evaluate(context) else { return nil }
    return emit(Constant(constant), [], like: node)
  }

  /// The value of a node of the result, if it is the same constant everywhere.
  func constant(_ index: Int) -> Double? {
    let node = result.nodes[index]
    if let constant = node.primitive as? Constant { return constant.scalar }
    if node.primitive is Broadcast, let source = node.inputs.first { return constant(source) }
    return nil
  }
}
