import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// y = A x + shift for vectors x, with a matrix of several parts:
  ///
  ///     A = scaleIdentityMultiplier I + diag(scaleDiag) + tril(scaleTriL) + V diag(scalePerturbDiag) V^T
  ///     log |det dy/dx| = log |det A|
  ///
  /// V is `scalePerturbFactor`, `[..., k, r]`: a perturbation of rank r, whose diagonal counts as ones if it is left out. If no
  /// part is given, A is the identity. The inverse and the determinant take Woodbury's identity and the matrix
  /// determinant lemma, with a system of size r instead of k.
  public struct Affine: Bijector {
    /// The shift, `[..., k]`.
    public let shift: BijectorParameter?
    /// The triangular part, `[..., k, k]`; what lies above the diagonal is not read.
    public let scaleTriL: BijectorParameter?
    /// The diagonal part, `[..., k]`.
    public let scaleDiag: BijectorParameter?
    /// The factor of the identity.
    public let scaleIdentityMultiplier: BijectorParameter?
    /// V.
    public let scalePerturbFactor: BijectorParameter?
    /// The diagonal between V and its transpose, `[..., r]`.
    public let scalePerturbDiag: BijectorParameter?
    public let traits: BijectorTraits

    /// A map for the parts given, whose axes before those of a vector or a matrix broadcast with the batch of x.
    public init(
      shift: (any TensorLike)? = nil, scaleIdentityMultiplier: (any TensorLike)? = nil,
      scaleDiag: (any TensorLike)? = nil, scaleTriL: (any TensorLike)? = nil,
      scalePerturbFactor: (any TensorLike)? = nil, scalePerturbDiag: (any TensorLike)? = nil, name: String? = nil
    ) {
      self.shift = shift.map { BijectorParameter("shift", $0, eventNDims: 1) }
      self.scaleIdentityMultiplier = scaleIdentityMultiplier.map { BijectorParameter("scaleIdentityMultiplier", $0) }
      self.scaleDiag = scaleDiag.map { BijectorParameter("scaleDiag", $0, eventNDims: 1) }
      self.scaleTriL = scaleTriL.map { BijectorParameter("scaleTriL", $0, eventNDims: 2, isSquare: true) }
      self.scalePerturbFactor = scalePerturbFactor.map { BijectorParameter("scalePerturbFactor", $0, eventNDims: 2) }
      self.scalePerturbDiag = scalePerturbDiag.map { BijectorParameter("scalePerturbDiag", $0, eventNDims: 1) }
      let parameters = [
        self.shift, self.scaleIdentityMultiplier, self.scaleDiag, self.scaleTriL, self.scalePerturbFactor,
        self.scalePerturbDiag,
      ]
      traits = BijectorTraits(
        "Affine", name: name, parameters: parameters.compactMap { $0 }, forwardMinEventNDims: 1,
        isConstantJacobian: true)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      var y = matvec(triangle(x), x)
      if let (factor, weighted) = perturbation(x) { y = y + matvec(factor, matvec(weighted, x)) }
      return shift.map { y + $0.tensor(like: x) } ?? y
    }

    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let centred = shift.map { y - $0.tensor(like: y) } ?? y
      let triangle = triangle(y)
      guard let parts = woodbury(y, triangle) else { return solved(triangle, centred) }
      // (T + V D V^T)^-1 = T^-1 - T^-1 V (I + D V^T T^-1 V)^-1 D V^T T^-1
      let columns = linearSolve(parts.capacitance.expandedDims(-3), parts.weighted.transpose).solution
      return matvec(parts.inverse - matmul(matmul(parts.inverse, parts.factor), columns, transposeB: true), centred)
    }

    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let triangle = triangle(x)
      let diagonal = log(abs(diagPart(triangle))).sum(axes: [-1])
      guard let parts = woodbury(x, triangle) else { return diagonal }
      let ones = x.graph.ones([parts.capacitance.shape[-1]], dtype: x.dtype)
      return diagonal + linearSolve(parts.capacitance, ones).logAbsDeterminant
    }

    /// The triangular part T of the matrix, the diagonals included.
    private func triangle(_ x: Tensor) -> Tensor {
      let identity = identityMatrix(x.shape[-1], in: x.graph, dtype: x.dtype)
      var parts: [Tensor] = []
      if let multiplier = scaleIdentityMultiplier?.tensor(like: x) {
        parts.append(identity * multiplier.expandedDims(-1).expandedDims(-1))
      }
      if let diagonal = scaleDiag?.tensor(like: x) { parts.append(diag(diagonal)) }
      if let triangle = scaleTriL?.tensor(like: x) { parts.append(tril(triangle)) }
      return parts.dropFirst().reduce(parts.first ?? identity, +)
    }

    /// V and D V^T.
    private func perturbation(_ x: Tensor) -> (factor: Tensor, weighted: Tensor)? {
      guard let factor = scalePerturbFactor?.tensor(like: x) else { return nil }
      let transposed = factor.transpose
      return (factor, scalePerturbDiag.map { transposed * $0.tensor(like: x).expandedDims(-1) } ?? transposed)
    }

    /// The parts of the inverse.
    private struct Woodbury {
      /// T^-1.
      var inverse: Tensor
      /// V.
      var factor: Tensor
      /// D V^T T^-1.
      var weighted: Tensor
      /// I + D V^T T^-1 V.
      var capacitance: Tensor
    }

    private func woodbury(_ x: Tensor, _ triangle: Tensor) -> Woodbury? {
      guard let (factor, weighted) = perturbation(x) else { return nil }
      let inverse = triangularSolve(triangle, identityMatrix(x.shape[-1], in: x.graph, dtype: x.dtype))
      let product = matmul(weighted, inverse)
      let identity = identityMatrix(factor.shape[-1], in: x.graph, dtype: x.dtype)
      return Woodbury(
        inverse: inverse, factor: factor, weighted: product, capacitance: identity + matmul(product, factor))
    }

    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try shift?.checkSize(shape)
      try scaleDiag?.checkSize(shape)
      try scaleTriL?.checkSize(shape)
      if let rank = scalePerturbFactor?.givenTensor?.shape[-1], rank.value == nil {
        throw OperandError(.shape, "the parameter 'scalePerturbFactor' needs a last axis of a known extent")
      }
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }
}
