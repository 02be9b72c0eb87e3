import ElbowArrays

/// The lower triangular factor of symmetric positive definite matrices, as ``Cholesky`` has it.
public func cholesky(_ a: Tensor) -> Tensor { a.graph.located { a.graph.apply(Cholesky(), [a]) } }

/// The X with A X = B (or A^T X = B) for triangular A; leading axes broadcast. B is a matrix, not a vector.
///
/// - Parameters:
///   - lower: Whether A is its lower triangle; the other one is not read.
///   - transposed: Whether the system is that of A's transpose.
public func triangularSolve(
  _ a: Tensor, _ b: Tensor, lower: Bool = true, transposed: Bool = false
) -> Tensor {
  a.graph.located {
    let rule = TriangularSolve(lower: lower, transposed: transposed)
    guard a.isValid, b.isValid, a.graph === b.graph, a.rank >= 2, b.rank >= 2 else {
      return a.graph.apply(rule, [a, b])
    }
    a.unify(a.rank - 1, with: b, b.rank - 2)
    guard a.rank > 2 else { return a.graph.apply(rule, [a, b]) }
    var equalities: [(Dimension, Dimension)] = []
    guard let batch = try? Shape.broadcast(a.shape.dropLast(2), b.shape.dropLast(2), equalities: &equalities) else {
      return a.graph.invalid(.shape, "'triangularSolve' of \(a.type) and \(b.type): the batch axes do not broadcast.")
    }
    for (x, y) in equalities { a.graph.require(x, equals: y) }
    let operands = [a.broadcast(to: batch + a.shape.suffix(2)), b.broadcast(to: batch + b.shape.suffix(2))]
    return a.graph.apply(rule, operands)
  }
}

/// The logarithm of the determinant of L L^T, from its Cholesky factor L: twice the sum of the diagonal's logarithms.
public func logDeterminant(choleskyFactor factor: Tensor) -> Tensor {
  factor.graph.located { 2 * log(diagPart(factor)).sum(axes: [-1]) }
}

/// The matrices with all but a band around the diagonal set to zero: `lower` diagonals below the main one and `upper`
/// diagonals above it stay; nil keeps all of that side.
public func bandPart(_ x: Tensor, lower: Int?, upper: Int?) -> Tensor {
  x.graph.located {
    guard x.isValid else { return x }
    guard x.rank >= 2 else { return x.graph.invalid(.shape, "'bandPart' of \(x.type): it needs two axes.") }
    let matrix = x.shape.suffix(2)
    let below = x.graph.iota(matrix, axis: 0) - x.graph.iota(matrix, axis: 1)
    var kept: Tensor?
    if let lower { kept = below <= Double(lower) }
    if let upper {
      let fits = below >= -Double(upper)
      kept = kept.map { $0 .& fits } ?? fits
    }
    return kept.map { select($0, x, x.zerosLike()) } ?? x
  }
}

/// The lower triangle, the diagonal included.
public func tril(_ x: Tensor) -> Tensor { bandPart(x, lower: nil, upper: 0) }
/// The upper triangle, the diagonal included.
public func triu(_ x: Tensor) -> Tensor { bandPart(x, lower: 0, upper: nil) }

/// The diagonals of the square matrices in the last two axes.
public func diagPart(_ x: Tensor) -> Tensor {
  x.graph.located {
    guard x.isValid else { return x }
    guard x.rank >= 2, x.shape[-1] == x.shape[-2] else {
      return x.graph.invalid(.shape, "'diagPart' of \(x.type): it needs square matrices.")
    }
    return bandPart(x, lower: 0, upper: 0).sum(axes: [-1])
  }
}

/// Matrices with the vectors of the last axis as their diagonals, and zeros elsewhere.
public func diag(_ x: Tensor) -> Tensor {
  x.graph.located {
    guard x.isValid else { return x }
    guard x.rank >= 1 else { return x.graph.invalid(.shape, "'diag' of \(x.type): it needs an axis.") }
    let columns = x.expandedDims(-1).broadcast(to: x.shape + [x.shape[-1]])
    return bandPart(columns, lower: 0, upper: 0)
  }
}

/// Lower triangular matrices with the vectors of the last axis in their triangles, `[..., k (k + 1) / 2]` to `[..., k, k]`, in
/// the order that TensorFlow Probability has: clockwise, from the last row's end to its beginning and then onwards.
///
///     [1, 2, 3, 4, 5, 6]  ->  [[4, 0, 0],
///                              [6, 5, 0],
///                              [3, 2, 1]]
///
/// - Parameter upper: Whether to fill upper triangles instead, from the first row's beginning:
///   `[[1, 2, 3], [0, 5, 6], [0, 0, 4]]`.
public func fillTriangular(_ x: Tensor, upper: Bool = false) -> Tensor {
  x.graph.located {
    guard x.isValid else { return x }
    guard x.rank >= 1, let count = x.shape[-1].value, let size = triangleSize(count) else {
      return x.graph.invalid(
        .shape,
        "'fillTriangular' of \(x.type): the last axis needs a known extent k (k + 1) / 2, such as 1, 3, 6 or 10.")
    }
    guard size > 1 else { return x.expandedDims(-1) }
    // Without the last row come the elements that follow it, and then all in reverse: k k in all, in order. For an upper
    // triangle it is the same read backwards.
    let rest = x[TensorIndex.ellipsis, size...]
    let rows = upper ? [x, rest.reversed(axes: [-1])] : [rest, x.reversed(axes: [-1])]
    let matrices = concatenate(rows, axis: -1).reshaped(to: x.shape.dropLast(1) + [Dimension(size), Dimension(size)])
    return upper ? triu(matrices) : tril(matrices)
  }
}

/// The vectors that ``fillTriangular(_:upper:)`` has made triangles of: `[..., k, k]` to `[..., k (k + 1) / 2]`.
public func fillTriangularInverse(_ y: Tensor, upper: Bool = false) -> Tensor {
  y.graph.located {
    guard y.isValid else { return y }
    guard y.rank >= 2, let size = y.shape[-1].value, y.shape[-2] == y.shape[-1], size < 1 << 15 else {
      return y.graph.invalid(.shape, "'fillTriangularInverse' of \(y.type): it needs square matrices of a known size.")
    }
    let count = size * (size + 1) / 2
    var positions = [Double](repeating: 0, count: count)
    for row in 0..<size {
      for column in upper ? row..<size : 0..<row + 1 {
        let position = row * size + column
        let leading = upper ? count : count - size
        let source = position >= leading ? count - 1 - (position - leading) : upper ? position : size + position
        positions[source] = Double(position)
      }
    }
    let flat = y.reshaped(to: y.shape.dropLast(2) + [Dimension(size * size)])
    return take(flat, y.graph.constant(positions, dtype: .int32), axis: -1)
  }
}

/// Lower triangular matrices that can be scales, from any numbers: ``fillTriangular(_:upper:)``, with the diagonal made
/// positive by `softplus(x) + diagShift`, as TensorFlow Probability's `FillScaleTriL` has it.
public func fillScaleTriL(_ x: Tensor, diagShift: Double = 1e-5) -> Tensor {
  x.graph.located {
    let matrix = fillTriangular(x)
    guard matrix.isValid else { return matrix }
    let square = matrix.shape.suffix(2)
    let isDiagonal = x.graph.iota(square, axis: 0) .== x.graph.iota(square, axis: 1)
    return select(isDiagonal, softplus(matrix) + diagShift, matrix)
  }
}

/// The k with k (k + 1) / 2 = count; nil if there is none.
package func triangleSize(_ count: Int) -> Int? {
  guard count > 0, count < 1 << 40 else { return nil }
  let size = Int((Double(8 * count + 1).squareRoot() - 1) / 2)
  return [size, size + 1].first { $0 * ($0 + 1) / 2 == count }
}

/// The identity matrix of a size.
package func identityMatrix(_ size: Dimension, in graph: Graph, dtype: DType) -> Tensor {
  graph.located {
    let shape: Shape = [size, size]
    return (graph.iota(shape, axis: 0) .== graph.iota(shape, axis: 1)).cast(to: dtype)
  }
}
