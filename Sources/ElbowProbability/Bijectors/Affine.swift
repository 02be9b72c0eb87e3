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
    /// What is added, `[..., k]`.
    public let shift: BijectorParameter?
    /// The triangular part, `[..., k, k]`; what lies above the diagonal is not read.
    public let scaleTriL: BijectorParameter?
    /// The diagonal part, `[..., k]`.
    public let scaleDiag: BijectorParameter?
    /// What the identity is multiplied by.
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
      let x = solved(triangle, centred)
      guard let (solvedFactor, weighted, capacitance) = capacitance(y, triangle) else { return x }
      // (T + V D V^T)^-1 b = x - T^-1 V (I + D V^T T^-1 V)^-1 D V^T x,  x = T^-1 b
      return x - matvec(solvedFactor, linearSolve(capacitance, matvec(weighted, x)).solution)
    }

    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let triangle = triangle(x)
      let diagonal = log(abs(diagPart(triangle))).sum(axes: [-1])
      guard let (_, _, capacitance) = capacitance(x, triangle) else { return diagonal }
      let ones = x.graph.ones([capacitance.shape[-1]], dtype: x.dtype)
      return diagonal + linearSolve(capacitance, ones).logAbsDeterminant
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

    /// T^-1 V, D V^T, and I + D V^T T^-1 V.
    private func capacitance(
      _ x: Tensor, _ triangle: Tensor
    ) -> (solvedFactor: Tensor, weighted: Tensor, capacitance: Tensor)? {
      guard let (factor, weighted) = perturbation(x) else { return nil }
      let solvedFactor = triangularSolve(triangle, factor)
      let identity = identityMatrix(factor.shape[-1], in: x.graph, dtype: x.dtype)
      return (solvedFactor, weighted, identity + matmul(weighted, solvedFactor))
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

/// The x with A x = b and log |det A| for general small square matrices of a known size, by Householder's reflections, one
/// after the other in the graph (Golub and Van Loan, "Matrix Computations", 5.1). Batch axes broadcast.
func linearSolve(_ a: Tensor, _ b: Tensor) -> (solution: Tensor, logAbsDeterminant: Tensor) {
  guard a.isValid, b.isValid, let size = a.shape[-1].value else { return (a.graph.invalid(), a.graph.invalid()) }
  let corner = part(part(a, axis: -1, from: 0, extent: 1), axis: -2, from: 0, extent: 1).squeezed(axes: [-1])
  guard size > 1 else { return (b / corner, log(abs(corner)).squeezed(axes: [-1])) }
  let column = part(a, axis: -1, from: 0, extent: 1).squeezed(axes: [-1])
  let length = sqrt((column * column).sum(axes: [-1], keepDims: true))
  // Away from the column, so that the reflection's vector does not cancel.
  let pivot = select(corner >= 0, -length, length)
  let isFirst = a.graph.iota([Dimension(size)], axis: 0) .== 0.0
  let v = select(isFirst, column - pivot, column)
  let scale = 2 / (v * v).sum(axes: [-1], keepDims: true)
  // H = I - scale v v^T, applied to the right side and to all columns.
  let right = b - scale * v * (v * b).sum(axes: [-1], keepDims: true)
  let projected = (v.expandedDims(-1) * a).sum(axes: [-2], keepDims: true)
  let reflected = a - (scale * v).expandedDims(-1) * projected
  let rest = Dimension(size - 1)
  let inner = linearSolve(
    part(part(reflected, axis: -1, from: 1, extent: rest), axis: -2, from: 1, extent: rest),
    part(right, axis: -1, from: 1, extent: rest))
  let row = part(part(reflected, axis: -1, from: 1, extent: rest), axis: -2, from: 0, extent: 1).squeezed(axes: [-2])
  let first =
    (part(right, axis: -1, from: 0, extent: 1) - (row * inner.solution).sum(axes: [-1], keepDims: true)) / pivot
  let solution = concatenate([first, inner.solution], axis: -1)
  return (solution, inner.logAbsDeterminant + log(length).squeezed(axes: [-1]))
}
