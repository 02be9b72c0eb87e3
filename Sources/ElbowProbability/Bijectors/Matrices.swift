import ElbowArrays
import ElbowGraph

// Square matrices, their triangles, and their products with vectors.

/// The products of matrices with vectors; the axes before broadcast.
func matvec(_ a: Tensor, _ x: Tensor) -> Tensor {
  guard a.isValid, x.isValid else { return a.graph.invalid() }
  return a.rank == 2 ? matmul(x, a, transposeB: true) : (a * x.expandedDims(-2)).sum(axes: [-1])
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
