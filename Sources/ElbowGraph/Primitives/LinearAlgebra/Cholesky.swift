import ElbowArrays

/// The lower triangular L with L L^T = A for symmetric positive definite A, one for each matrix in the last two axes.
///
/// Only the lower triangle of A is read. Where A is not positive definite, the result is NaN from the first column on whose
/// pivot is not positive, in the lower triangle; nothing is raised, as nothing in compiled code is.
///
/// The gradient is that of Murray 2016, "Differentiation of the Cholesky decomposition", eq. 10 (also Giles 2008), made
/// symmetric: S = L^-T P(L^T Lbar) L^-1, Abar = (S + S^T) / 2, where P takes the lower triangle and halves the diagonal.
public struct Cholesky: LoopPrimitive, PlainPrimitive {
  public static let name = "cholesky"
  public init() {}

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    try requireFloatingPoint(operands)
    try requireSquareMatrices(operands[0].shape)
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let factor = context.output
    let product = matmul(factor, context.upstream, transposeA: true)
    let lower = bandPart(product, lower: nil, upper: 0)
    let halved = lower - 0.5 * bandPart(product, lower: 0, upper: 0)
    // L^-T P L^-1 by two solves: first X = L^-T P, then (L^-T X^T)^T.
    let left = triangularSolve(factor, halved, transposed: true)
    let whole = triangularSolve(factor, left.transpose, transposed: true)
    return [0.5 * (whole + whole.transpose)]
  }
  public func lower(operands: [TensorType], result: TensorType) -> LoopNest {
    let n = LoopIndex.extent(result.shape[-1])
    return .build(operands, result, independentAxes: result.shape.rank - 2) { nest in
      let batch = nest.position
      nest.loop(to: n) { i in
        nest.loop(to: i + 1) { j in
          let rest = nest.local(nest.load(0, batch + [i, j]))
          nest.loop(to: j) { k in
            nest.assign(rest, rest - nest.loadResult(batch + [i, k]) * nest.loadResult(batch + [j, k]))
          }
          nest.when(i .== j) {
            let isPositive = nest.constant(0) < rest
            let root = LoopValue.apply(.function(SquareRoot.function), [rest], rest.dtype)
            nest.store(.apply(.select, [isPositive, root, nest.constant(.nan)], rest.dtype), at: batch + [i, j])
          } otherwise: {
            nest.store(rest / nest.loadResult(batch + [j, j]), at: batch + [i, j])
          }
        }
        nest.loop(from: i + 1, to: n) { j in nest.store(nest.constant(0), at: batch + [i, j]) }
      }
    }
  }
  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors {
    .operands
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let a = context.inputs[0].doubles
    let n = context.shape.last ?? 0
    var factor = [Double](repeating: 0, count: a.count)
    for start in stride(from: 0, to: a.count, by: max(1, n * n)) {
      for i in 0..<n {
        for j in 0...i {
          var rest = a[start + i * n + j]
          for k in 0..<j { rest -= factor[start + i * n + k] * factor[start + j * n + k] }
          factor[start + i * n + j] =
            i == j ? (rest > 0 ? rest.squareRoot() : .nan) : rest / factor[start + j * n + j]
        }
      }
    }
    return try context.floats(factor)
  }
  public static let samples = [
    PrimitiveSample(Cholesky(), [TensorType(.float32, [4, 4])], preparation: .positiveDefinite),
    PrimitiveSample(Cholesky(), [TensorType(.float64, [2, 3, 3])], preparation: .positiveDefinite),
  ]
}

extension Primitive {
  func requireSquareMatrices(_ shape: Shape) throws(OperandError) {
    guard shape.rank >= 2, shape[-1] == shape[-2] else {
      throw OperandError(.shape, "\(shape) does not end in a square matrix")
    }
  }
}
