import ElbowArrays

extension Tensor {
  /// The sum over some axes, all of them if none is named.
  public func sum(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor { reduced(.sum, axes, keepDims) }
  /// The largest element over some axes, all of them if none is named.
  public func max(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor { reduced(.maximum, axes, keepDims) }
  /// The smallest element over some axes, all of them if none is named.
  public func min(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor { reduced(.minimum, axes, keepDims) }
  /// The mean over some axes, all of them if none is named.
  public func mean(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    graph.located {
      let total = sum(axes: axes, keepDims: keepDims)
      guard total.isValid, let reduced = shape.rank == 0 ? [] : normalized(axes: axes ?? [Int](0..<rank), for: "mean")
      else { return total }
      let count = reduced.reduce(Dimension(1)) { $0 * shape.dimensions[$1] }
      return total / graph.extent(count, dtype: dtype)
    }
  }

  private func reduced(_ operation: Reduce.Operation, _ axes: [Int]?, _ keepDims: Bool) -> Tensor {
    graph.located {
      guard isValid else { return self }
      let all = axes ?? [Int](0..<rank)
      guard let axes = normalized(axes: all, for: "reduce_\(operation)") else { return graph.invalid(nil) }
      if axes.isEmpty { return self }
      let result = graph.apply(Reduce(operation, axes: axes), [self])
      guard keepDims, result.isValid else { return result }
      var kept = shape
      for axis in axes { kept.dimensions[axis] = 1 }
      return result.reshaped(to: kept)
    }
  }

  /// The sum over what a broadcast from `shape` has stretched: the gradient of broadcasting.
  func sumToShape(_ shape: Shape) -> Tensor {
    let extra = rank - shape.rank
    let stretched = (0..<rank).filter { $0 < extra || shape.dimensions[$0 - extra] != self.shape.dimensions[$0] }
    return sum(axes: stretched).reshapedIfNeeded(to: shape)
  }
  private func reshapedIfNeeded(to shape: Shape) -> Tensor { isValid ? reshaped(to: shape) : self }
}

/// The mean over all axes, or over some.
public func mean(_ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
  x.mean(axes: axes, keepDims: keepDims)
}
/// The sum over all axes, or over some.
public func sum(_ x: Tensor, axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
  x.sum(axes: axes, keepDims: keepDims)
}

/// log(sum(exp(x))) over an axis, without overflow: the largest element is taken out first.
public func logSumExp(_ x: Tensor, axes: [Int], keepDims: Bool = false) -> Tensor {
  x.graph.located {
    let largest = stopGradient(x.max(axes: axes, keepDims: true))
    // Where all elements are -inf (or one is +inf) the largest must not be subtracted from itself.
    let finite = select(abs(largest) < .infinity, largest, largest.zerosLike())
    let total = log(exp(x - finite).sum(axes: axes, keepDims: true)) + finite
    return keepDims ? total : total.squeezed(axes: axes)
  }
}

/// exp(x) divided by its sum over an axis.
public func softmax(_ x: Tensor, axis: Int = -1) -> Tensor { x.graph.located { exp(logSoftmax(x, axis: axis)) } }

/// log(softmax(x)).
public func logSoftmax(_ x: Tensor, axis: Int = -1) -> Tensor {
  x.graph.located { x - logSumExp(x, axes: [axis], keepDims: true) }
}

/// The product of matrices; axes before the last two broadcast. A vector on either side counts as a row or a column.
public func matmul(_ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false) -> Tensor {
  a.graph.located {
    guard a.isValid, b.isValid, a.graph === b.graph else { return a.graph.apply(Add(), [a, b]) }
    guard a.rank >= 1, b.rank >= 1 else {
      return a.graph.invalid(.shape, "'matmul' of \(a.type) and \(b.type): both need at least one axis.")
    }
    let (aInner, bInner) = (a.rank - (transposeA && a.rank > 1 ? 2 : 1), b.rank > 1 ? b.rank - (transposeB ? 1 : 2) : 0)
    a.unify(aInner, with: b, bInner)
    guard a.rank > 2 && b.rank > 2 else {
      let product = a.graph.apply(Contraction(leftContracted: [aInner], rightContracted: [bInner]), [a, b])
      guard b.rank > 2, a.rank == 2, product.isValid else { return product }
      // The free axis of a matrix on the left comes first; it belongs before the last.
      var order = [Int](1..<product.rank)
      order.insert(0, at: product.rank - 2)
      return product.transposed(order)
    }
    return batchedMatmul(a, b, aInner, bInner)
  }
}

private func batchedMatmul(_ a: Tensor, _ b: Tensor, _ aInner: Int, _ bInner: Int) -> Tensor {
  var equalities: [(Dimension, Dimension)] = []
  guard let batch = try? Shape.broadcast(a.shape.dropLast(2), b.shape.dropLast(2), equalities: &equalities) else {
    return a.graph.invalid(.shape, "'matmul' of \(a.type) and \(b.type): the batch axes do not broadcast.")
  }
  for (x, y) in equalities { a.graph.require(x, equals: y) }
  let count = batch.rank
  let left = a.broadcast(to: batch + a.shape.suffix(2))
  let right = b.broadcast(to: batch + b.shape.suffix(2))
  return a.graph.apply(
    Contraction(
      leftBatch: [Int](0..<count), rightBatch: [Int](0..<count), leftContracted: [aInner - a.rank + count + 2],
      rightContracted: [bInner - b.rank + count + 2]), [left, right])
}
