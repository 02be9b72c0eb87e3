import ElbowArrays
import ElbowGraph

// Functions that several bijectors are written with.

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

/// The products of matrices with vectors; the axes before broadcast.
func matvec(_ a: Tensor, _ x: Tensor) -> Tensor {
  guard a.isValid, x.isValid else { return a.graph.invalid() }
  return a.rank == 2 ? matmul(x, a, transposeB: true) : (a * x.expandedDims(-2)).sum(axes: [-1])
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

/// Refuses matrices that are not square.
func checkSquare(_ shape: Shape) throws(OperandError) {
  guard shape[-1].canEqual(shape[-2]) else { throw OperandError(.shape, "its last two axes must be square matrices") }
}

/// The k for which vectors have k (k + 1) / 2 elements.
func triangle(_ shape: Shape) throws(OperandError) -> Dimension {
  guard let count = shape[-1].value, let size = triangleSize(count) else {
    throw OperandError(.shape, "its last axis needs a known extent k (k + 1) / 2, such as 1, 3, 6 or 10")
  }
  return Dimension(size)
}

/// The number of elements of the triangle of square matrices of a known size, less some diagonals.
func triangleCount(_ shape: Shape, without diagonals: Int = 0) throws(OperandError) -> Dimension {
  try checkSquare(shape)
  guard let size = shape[-1].value ?? shape[-2].value, size > diagonals, size < 1 << 15 else {
    throw OperandError(.shape, "its last two axes must be square matrices of a known size of at least \(diagonals + 1)")
  }
  return Dimension((size - diagonals) * (size - diagonals + 1) / 2)
}
