import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors of k (k - 1) / 2 numbers to Cholesky factors of k by k correlation matrices: lower triangular, with a positive
  /// diagonal and rows of length 1.
  ///
  ///     Y_i = (V_i, 1) / sqrt(1 + |V_i|^2),  V strictly below the diagonal, filled as FillTriangular does
  ///     log |det dy/dx| = -sum_i (i + 1) / 2 log(1 + |V_i|^2),  i = 1, ..., k
  ///
  /// The determinant is that of what lies below the diagonal.
  public struct CorrelationCholesky: Bijector {
    public let traits: BijectorTraits

    /// A map of vectors `[..., k (k - 1) / 2]` to matrices `[..., k, k]`; named `CorrelationCholesky` unless `name` is
    /// given. Another extent, or one that is not known, is a recorded mistake when it is applied.
    public init(name: String? = nil) {
      traits = BijectorTraits("CorrelationCholesky", name: name, forwardMinEventNDims: 1, inverseMinEventNDims: 2)
    }

    /// V, with zeros on the diagonal.
    private func strictTriangle(_ x: Tensor) -> Tensor {
      let triangle = fillTriangular(x)
      guard triangle.isValid else { return triangle }
      var low = [Dimension](repeating: 0, count: triangle.rank)
      var high = low
      low[triangle.rank - 2] = 1
      high[triangle.rank - 1] = 1
      return triangle.padded(low: low, high: high)
    }

    /// (i + 1) for each row.
    private func weights(_ matrix: Tensor) -> Tensor {
      matrix.graph.iota([matrix.shape[-1]], axis: 0, dtype: matrix.dtype) + 2
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let rows = strictTriangle(x)
      guard rows.isValid else { return rows }
      let length = sqrt(1 + (rows * rows).sum(axes: [-1], keepDims: true))
      return (rows + identityMatrix(rows.shape[-1], in: x.graph, dtype: x.dtype)) / length
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let rows = y / diagPart(y).expandedDims(-1)
      let size = y.shape[-1] - 1
      return fillTriangularInverse(part(part(rows, axis: -2, from: 1, extent: size), axis: -1, from: 0, extent: size))
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let rows = strictTriangle(x)
      guard rows.isValid else { return rows }
      return -0.5 * (weights(rows) * log1p((rows * rows).sum(axes: [-1]))).sum(axes: [-1])
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      -(weights(y) * log(diagPart(y))).sum(axes: [-1])
    }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      let size = try triangle(shape) + 1
      return [size, size]
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      [try triangleCount(shape, without: 1)]
    }
  }
}
