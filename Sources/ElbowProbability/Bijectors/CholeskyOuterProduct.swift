import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Lower triangular matrices X with a positive diagonal to positive definite ones, X X^T; back by Cholesky's
  /// factorisation.
  ///
  ///     log |det dY/dX| = k log(2) + sum_i (k + 1 - i) log(X_ii)
  ///
  /// The determinant is that of the lower triangles. What lies above X's diagonal is not read.
  public struct CholeskyOuterProduct: Bijector {
    public let traits: BijectorTraits

    /// A map of matrices `[..., k, k]` to matrices of that shape; named `CholeskyOuterProduct` unless `name` is given.
    /// Matrices that are not square are a recorded mistake when it is applied.
    public init(name: String? = nil) {
      traits = BijectorTraits("CholeskyOuterProduct", name: name, forwardMinEventNDims: 2)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let factor = tril(x)
      return matmul(factor, factor, transposeB: true)
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? { cholesky(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { logDeterminantOfOuterProduct(x) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try checkSquare(shape)
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }

  /// Lower triangular matrices X with a positive diagonal to the Cholesky factor of (X X^T)^-1: from a covariance's factor to
  /// the precision's. It is its own inverse.
  ///
  /// Its log determinant is that of the outer product, of the inverse of symmetric matrices, -2 (k + 1) sum_i log(X_ii), and
  /// of the factorisation.
  public struct CholeskyToInvCholesky: Bijector {
    public let traits: BijectorTraits

    /// A map of matrices `[..., k, k]` to matrices of that shape; named `CholeskyToInvCholesky` unless `name` is given.
    /// Matrices that are not square are a recorded mistake when it is applied.
    public init(name: String? = nil) {
      traits = BijectorTraits("CholeskyToInvCholesky", name: name, forwardMinEventNDims: 2)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let inverse = inverseOfTriangle(x)
      return cholesky(matmul(inverse, inverse, transposeA: true))
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? { forwardFormula(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let size = x.graph.extent(x.shape[-1], dtype: x.dtype)
      return logDeterminantOfOuterProduct(x) - 2 * (size + 1) * log(diagPart(x)).sum(axes: [-1])
        - logDeterminantOfOuterProduct(forward(x))
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { forwardLogDetJacobianFormula(y) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try checkSquare(shape)
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }

  /// Lower triangular matrices to their inverses. It is its own inverse.
  ///
  ///     log |det dY/dX| = -(k + 1) sum_i log |X_ii|
  public struct MatrixInverseTriL: Bijector {
    public let traits: BijectorTraits

    /// A map of matrices `[..., k, k]` to matrices of that shape; named `MatrixInverseTriL` unless `name` is given.
    /// Matrices that are not square are a recorded mistake when it is applied.
    public init(name: String? = nil) {
      traits = BijectorTraits("MatrixInverseTriL", name: name, forwardMinEventNDims: 2)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { inverseOfTriangle(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { inverseOfTriangle(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      -(x.graph.extent(x.shape[-1], dtype: x.dtype) + 1) * log(abs(diagPart(x))).sum(axes: [-1])
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { forwardLogDetJacobianFormula(y) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try checkSquare(shape)
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }
}

/// The log determinant of X to X X^T, by the lower triangles.
private func logDeterminantOfOuterProduct(_ x: Tensor) -> Tensor {
  let size = x.graph.extent(x.shape[-1], dtype: x.dtype)
  let exponents = size - x.graph.iota(x.shape.suffix(1), axis: 0, dtype: x.dtype)
  return (exponents * log(diagPart(x))).sum(axes: [-1]) + size * Double.ln2
}

/// The inverses of lower triangular matrices.
private func inverseOfTriangle(_ x: Tensor) -> Tensor {
  triangularSolve(x, identityMatrix(x.shape[-1], in: x.graph, dtype: x.dtype))
}
