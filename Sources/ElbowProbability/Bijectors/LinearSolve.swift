import ElbowArrays
import ElbowGraph

/// The x with A x = b, and log |det A|, for general small square matrices A of a known size and vectors b; batch axes
/// broadcast.
///
/// Up to two by two in closed form; larger ones by Householder's reflections, each of which leaves a matrix of one row and
/// column less, one after the other in the graph (Golub and Van Loan, "Matrix Computations", 5.1).
func linearSolve(_ a: Tensor, _ b: Tensor) -> (solution: Tensor, logAbsDeterminant: Tensor) {
  guard a.isValid, b.isValid, let size = a.shape[-1].value else { return (a.graph.invalid(), a.graph.invalid()) }
  return switch size {
  case 1: (b / element(a, 0, 0).expandedDims(-1), log(abs(element(a, 0, 0))))
  case 2: linearSolveOfTwo(a, b)
  default: linearSolveByReflection(a, b, Dimension(size - 1))
  }
}

/// One element of each matrix.
private func element(_ a: Tensor, _ row: Int, _ column: Int) -> Tensor { a[TensorIndex.ellipsis, row, column] }

/// Cramer's rule.
private func linearSolveOfTwo(_ a: Tensor, _ b: Tensor) -> (solution: Tensor, logAbsDeterminant: Tensor) {
  let determinant = element(a, 0, 0) * element(a, 1, 1) - element(a, 0, 1) * element(a, 1, 0)
  let (first, second) = (b[TensorIndex.ellipsis, 0], b[TensorIndex.ellipsis, 1])
  let numerators = stack(
    [element(a, 1, 1) * first - element(a, 0, 1) * second, element(a, 0, 0) * second - element(a, 1, 0) * first],
    axis: -1)
  return (numerators / determinant.expandedDims(-1), log(abs(determinant)))
}

private func linearSolveByReflection(
  _ a: Tensor, _ b: Tensor, _ rest: Dimension
) -> (solution: Tensor, logAbsDeterminant: Tensor) {
  let column = a[TensorIndex.ellipsis, 0]
  let length = sqrt((column * column).sum(axes: [-1], keepDims: true))
  // Away from the column, so that the reflection's vector does not cancel.
  let pivot = select(part(column, axis: -1, from: 0, extent: 1) >= 0, -length, length)
  let isFirst = a.graph.iota([rest + 1], axis: 0) .== 0.0
  let v = select(isFirst, column - pivot, column)
  let scale = 2 / (v * v).sum(axes: [-1], keepDims: true)
  // I - scale v v^T, applied to the right side and to all columns.
  let right = b - scale * v * (v * b).sum(axes: [-1], keepDims: true)
  let projected = (v.expandedDims(-1) * a).sum(axes: [-2], keepDims: true)
  let reflected = part(a - (scale * v).expandedDims(-1) * projected, axis: -1, from: 1, extent: rest)
  let inner = linearSolve(
    part(reflected, axis: -2, from: 1, extent: rest), part(right, axis: -1, from: 1, extent: rest))
  let known = (reflected[TensorIndex.ellipsis, 0, .all] * inner.solution).sum(axes: [-1], keepDims: true)
  let first = (part(right, axis: -1, from: 0, extent: 1) - known) / pivot
  return (
    concatenate([first, inner.solution], axis: -1), inner.logAbsDeterminant + log(length).squeezed(axes: [-1])
  )
}
