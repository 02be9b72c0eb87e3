import ElbowArrays
import ElbowGraph

extension Initializer {
  /// A random orthogonal matrix (Saxe et al. 2014): of the axes before the last as rows and the last as columns, the shorter are
  /// orthonormal, times `gain`.
  ///
  /// Of a matrix A of normal numbers, Q of A = Q R with a positive diagonal of R is uniform among such matrices. Here
  /// R is the transposed Cholesky factor of A^T A, so that Q = A R^-1; done twice in float64, which takes away what the first
  /// loses to the condition of A (Yamamoto et al. 2015).
  public static func orthogonal(gain: Double = 1) -> Initializer {
    Initializer { graph, extents, dtype in
      guard extents.count >= 2, let columns = extents.last else {
        return graph.invalid(
          .shape, "An orthogonal matrix has at least 2 axes, but the weight has the shape \(extents).")
      }
      let rows = extents.dropLast().reduce(1, *)
      let (long, short) = (max(rows, columns), min(rows, columns))
      var q = graph.randomNormal([Dimension(long), Dimension(short)], dtype: .float64)
      for _ in 0..<2 { q = triangularSolve(cholesky(matmul(q, q, transposeA: true)), q.transpose).transpose }
      let oriented = rows < columns ? q.transpose : q
      return (oriented * gain).reshaped(extents).cast(to: dtype)
    }
  }
}
