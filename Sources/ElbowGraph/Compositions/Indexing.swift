import ElbowArrays

/// The sums up to each position along an axis, as ``CumulativeSum`` has it.
public func cumsum(_ x: Tensor, axis: Int, reverse: Bool = false, exclusive: Bool = false) -> Tensor {
  x.graph.located {
    guard x.isValid else { return x }
    guard let axis = x.normalized(axes: [axis], for: "cumsum")?.first else { return x.graph.invalid(nil) }
    return x.graph.apply(CumulativeSum(axis: axis, reverse: reverse, exclusive: exclusive), [x])
  }
}

/// The elements at some positions along an axis; the indices' axes come in its place. Out-of-range indices are clamped.
public func take(_ x: Tensor, _ indices: Tensor, axis: Int = 0) -> Tensor {
  x.graph.located {
    guard x.isValid else { return x }
    guard let axis = x.normalized(axes: [axis], for: "take")?.first else { return x.graph.invalid(nil) }
    return x.graph.apply(Gather(axis: axis), [x, indices])
  }
}

/// The first position of the largest element along an axis, as int32.
public func argMax(_ x: Tensor, axis: Int = -1) -> Tensor { argReduce(.maximum, x, axis) }
/// The first position of the smallest element along an axis, as int32.
public func argMin(_ x: Tensor, axis: Int = -1) -> Tensor { argReduce(.minimum, x, axis) }

private func argReduce(_ operation: ArgReduce.Operation, _ x: Tensor, _ axis: Int) -> Tensor {
  x.graph.located {
    guard x.isValid else { return x }
    guard let axis = x.normalized(axes: [axis], for: "arg_reduce")?.first else { return x.graph.invalid(nil) }
    return x.graph.apply(ArgReduce(operation, axis: axis), [x])
  }
}

/// A new last axis of extent `depth` with 1 at the position that each index names and 0 elsewhere; zeros only where that is
/// out of range.
public func oneHot(_ indices: Tensor, depth: Int, dtype: DType = .float32) -> Tensor {
  indices.graph.located {
    guard indices.isValid else { return indices }
    guard depth > 0, indices.dtype.isInteger else {
      return indices.graph.invalid(
        .invalidArgument,
        "'oneHot' of \(indices.type) with depth \(depth): it takes integers and a depth of at least 1.")
    }
    let positions = indices.graph.iota([Dimension(depth)], axis: 0, dtype: indices.dtype)
    let result = (indices.expandedDims(-1) .== positions).cast(to: dtype)
    // Less than 0 stands for no class, by custom.
    indices.graph.expect(
      indices, in: -.infinity...Double(depth - 1), for: result,
      "'oneHot' of depth \(depth) takes indices up to \(depth - 1)")
    return result
  }
}
