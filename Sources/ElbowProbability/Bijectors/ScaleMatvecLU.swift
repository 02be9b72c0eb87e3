import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Vectors times a matrix that is given by its factors: y = P^-1 L U x, as invertible 1x1 convolutions are trained
  /// (Kingma and Dhariwal 2018, "Glow").
  ///
  ///     log |det dy/dx| = sum_i log |U_ii|
  public struct ScaleMatvecLU: Bijector {
    /// U in the upper triangle and L, whose diagonal is 1, below it, `[..., k, k]`.
    public let lowerUpper: BijectorParameter
    /// P: element i of P x is element `permutation[i]` of x.
    public let permutation: [Int]
    public let traits: BijectorTraits

    /// A map for factors without zeros on the diagonal and the permutation of a pivoted factorisation.
    public init(lowerUpper: some TensorLike, permutation: [Int], name: String? = nil) {
      self.lowerUpper = BijectorParameter("lowerUpper", lowerUpper, eventNDims: 2, isSquare: true)
      self.permutation = permutation
      traits = BijectorTraits(
        "ScaleMatvecLU", name: name, parameters: [self.lowerUpper], forwardMinEventNDims: 1, isConstantJacobian: true)
    }

    /// L, with ones on the diagonal.
    private func lower(_ x: Tensor) -> Tensor {
      let factors = lowerUpper.tensor(like: x)
      let strict = factors - triu(factors)
      return strict + identityMatrix(x.shape[-1], in: x.graph, dtype: x.dtype)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let product = matvec(lower(x), matvec(triu(lowerUpper.tensor(like: x)), x))
      return inversePermutation(permutation).map { permuted(product, $0) }
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let inner = solved(lower(y), permuted(y, permutation))
      let solution = triangularSolve(lowerUpper.tensor(like: y), inner.expandedDims(-1), lower: false)
      return solution.isValid ? solution.squeezed(axes: [-1]) : solution
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      log(abs(diagPart(lowerUpper.tensor(like: x)))).sum(axes: [-1])
    }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try lowerUpper.checkSize(shape)
      return try permutedShape(shape, permutation, axis: -1)
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }
}
