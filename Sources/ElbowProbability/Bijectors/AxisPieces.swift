import ElbowArrays
import ElbowGraph

// Pieces and orders of an axis: the coordinates that a bijector treats apart.

/// The part of a tensor along an axis that begins at a position and has an extent.
func part(_ x: Tensor, axis: Int, from start: Dimension, extent: Dimension) -> Tensor {
  guard x.isValid, let axis = x.shape.normalized(axis: axis) else { return x }
  var starts = [Dimension](repeating: 0, count: x.rank)
  var sizes = x.shape.dimensions
  starts[axis] = start
  sizes[axis] = extent
  return x.sliced(starts: starts, sizes: sizes, strides: [Int](repeating: 1, count: x.rank))
}

/// The elements one step further along an axis, after a zero; the last one falls out.
func shiftedBack(_ x: Tensor, axis: Int) -> Tensor {
  guard x.isValid, let axis = x.shape.normalized(axis: axis) else { return x }
  guard x.shape[axis] != 1 else { return x.zerosLike() }
  var low = [Dimension](repeating: 0, count: x.rank)
  low[axis] = 1
  return part(x, axis: axis, from: 0, extent: x.shape[axis] - 1)
    .padded(low: low, high: [Dimension](repeating: 0, count: x.rank))
}

/// The last axis, in the order of positions.
func permuted(_ x: Tensor, _ positions: [Int], axis: Int = -1) -> Tensor {
  take(x, x.graph.constant(positions.map(Double.init), dtype: .int32), axis: axis)
}

/// The permutation that undoes another; nil if it is none.
func inversePermutation(_ permutation: [Int]) -> [Int]? {
  guard permutation.sorted() == [Int](permutation.indices) else { return nil }
  return permutation.indices.sorted { permutation[$0] < permutation[$1] }
}
