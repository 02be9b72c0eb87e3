import ElbowArrays
import ElbowGraph

/// Gives every contraction the form that kernels want: the right operand ends with the result's last axis, so that its
/// neighbours lie together in memory. Products with a vector become sums of products.
package struct CanonicalizeContractions: Pass {
  package let name = "canonicalize-contractions"

  package init() {}

  package func run(_ program: Program) throws -> Program {
    var rewriter = ProgramRewriter(program)
    return rewriter.rewrite { rewriter, node in
      guard let contraction = node.primitive as? Contraction else { return nil }
      let (left, right) = (
        rewriter.result.nodes[node.inputs[0]].type.shape, rewriter.result.nodes[node.inputs[1]].type.shape
      )
      let columns = contraction.rightFree(rank: right.rank).map { right.dimensions[$0] }
      if contraction.leftBatch.isEmpty, !contraction.leftContracted.isEmpty, columns.allSatisfy({ $0 == 1 }),
        let last = rewriter.lastAxis(node.inputs[0]), !contraction.leftContracted.contains(last),
        left.dimensions[last] != 1, contraction.leftFree(rank: left.rank).count > 1
      {
        return exchanged(contraction, node, left, right, &rewriter)
      }
      if contraction.leftFree(rank: left.rank).isEmpty || columns.allSatisfy({ $0 == 1 })
        || contraction.leftContracted.isEmpty
      {
        return sumOfProducts(contraction, node, left, right, &rewriter)
      }
      return reordered(contraction, node, right, &rewriter)
    }
  }

  /// A single row instead of a single column, where the left operand's neighbours in memory are neighbours in the result.
  private func exchanged(
    _ contraction: Contraction, _ node: Node, _ left: Shape, _ right: Shape, _ rewriter: inout ProgramRewriter
  ) -> Int? {
    // The row's axes, of one element each, come first; in memory that changes nothing.
    let order = contraction.leftContracted + contraction.leftFree(rank: left.rank)
    let swapped = Contraction(
      leftBatch: [], rightBatch: [], leftContracted: contraction.rightContracted,
      rightContracted: [Int](0..<contraction.leftContracted.count))
    guard let columns = rewriter.emit(Transpose(order), [node.inputs[0]], like: node),
      let product = rewriter.emit(swapped, [node.inputs[1], columns], like: node)
    else { return nil }
    return rewriter.emit(Reshape(to: node.type.shape), [product], like: node)
  }

  /// The right operand with its axes in the order: shared, contracted, free. Axes of one element lie nowhere in memory, so
  /// they do not count.
  private func reordered(
    _ contraction: Contraction, _ node: Node, _ right: Shape, _ rewriter: inout ProgramRewriter
  ) -> Int? {
    let free = contraction.rightFree(rank: right.rank)
    func isLong(_ axis: Int) -> Bool { right.dimensions[axis] != 1 }
    guard free.last(where: isLong) != right.dimensions.indices.last(where: isLong) else { return nil }
    let order = contraction.rightBatch + contraction.rightContracted + free
    guard let operand = rewriter.emit(Transpose(order), [node.inputs[1]], like: node) else { return nil }
    let batch = contraction.rightBatch.count
    let canonical = Contraction(
      leftBatch: contraction.leftBatch, rightBatch: [Int](0..<batch), leftContracted: contraction.leftContracted,
      rightContracted: [Int](batch..<batch + contraction.rightContracted.count))
    return rewriter.emit(canonical, [node.inputs[0], operand], like: node)
  }

  /// Both operands stretched to all axes - shared, left free, right free, contracted - multiplied and summed.
  private func sumOfProducts(
    _ contraction: Contraction, _ node: Node, _ left: Shape, _ right: Shape, _ rewriter: inout ProgramRewriter
  ) -> Int? {
    let (leftFree, rightFree) = (contraction.leftFree(rank: left.rank), contraction.rightFree(rank: right.rank))
    let contracted = contraction.leftContracted.map { left.dimensions[$0] }
    let full = Shape(node.type.shape.dimensions + contracted)
    let ones = { (count: Int) in [Dimension](repeating: 1, count: count) }
    let leftOrder = contraction.leftBatch + leftFree + contraction.leftContracted
    let leftShape = (contraction.leftBatch + leftFree).map { left.dimensions[$0] } + ones(rightFree.count) + contracted
    let rightOrder = contraction.rightBatch + rightFree + contraction.rightContracted
    let rightShape =
      contraction.rightBatch.map { right.dimensions[$0] } + ones(leftFree.count)
      + rightFree.map { right.dimensions[$0] } + contracted
    guard let x = stretched(node.inputs[0], leftOrder, Shape(leftShape), full, node, &rewriter),
      let y = stretched(node.inputs[1], rightOrder, Shape(rightShape), full, node, &rewriter),
      let product = rewriter.emit(Multiply(), [x, y], like: node)
    else { return nil }
    let axes = [Int](node.type.shape.rank..<full.rank)
    return axes.isEmpty ? product : rewriter.emit(Reduce(.sum, axes: axes), [product], like: node)
  }

  private func stretched(
    _ operand: Int, _ order: [Int], _ shape: Shape, _ full: Shape, _ node: Node, _ rewriter: inout ProgramRewriter
  ) -> Int? {
    var current = operand
    if order != [Int](0..<order.count) {
      guard let transposed = rewriter.emit(Transpose(order), [current], like: node) else { return nil }
      current = transposed
    }
    if rewriter.result.nodes[current].type.shape != shape {
      guard let reshaped = rewriter.emit(Reshape(to: shape), [current], like: node) else { return nil }
      current = reshaped
    }
    return shape == full ? current : rewriter.emit(Broadcast(to: full), [current], like: node)
  }
}

extension ProgramRewriter {
  /// The axis of a node along which neighbours lie next to each other in memory, as far as views show it.
  fileprivate func lastAxis(_ node: Int) -> Int? {
    let definition = result.nodes[node]
    switch definition.primitive {
    case let transpose as Transpose:
      return lastAxis(definition.inputs[0]).flatMap { transpose.permutation.firstIndex(of: $0) }
    case is Windows, is Slice: return lastAxis(definition.inputs[0])
    default: return definition.type.shape.rank > 0 ? definition.type.shape.rank - 1 : nil
    }
  }
}
