import ElbowArrays

/// The X with A X = B, or A^T X = B, for triangular A, one for each matrix in the last two axes.
///
/// Only the triangle of A that is named is read. The other axes of A and B are the same, or A has none and serves all. A zero on the diagonal gives what
/// division by zero gives.
///
/// The gradients (Giles 2008, "Collected matrix derivative results", 2.3.1): Bbar solves the transposed system for the
/// upstream; Abar is the triangle of -Bbar X^T, or of -X Bbar^T where A is transposed, summed over all that A serves.
public struct TriangularSolve: LoopPrimitive {
  public static let name = "triangular_solve"
  /// Whether A is its lower triangle; else it is the upper one.
  public let lower: Bool
  /// Whether the system is that of A's transpose.
  public let transposed: Bool

  /// The solution of triangular systems, of matrices `[..., n, n]` and right-hand sides `[..., n, m]`.
  ///
  /// - Parameters:
  ///   - lower: Whether A is its lower triangle; else it is the upper one.
  ///   - transposed: Whether the system is that of A's transpose.
  public init(lower: Bool = true, transposed: Bool = false) {
    self.lower = lower
    self.transposed = transposed
  }
  public init(attributes: Attributes) throws {
    self.init(lower: try attributes.flag("lower"), transposed: try attributes.flag("transposed"))
  }
  public var attributes: Attributes { ["lower": .flag(lower), "transposed": .flag(transposed)] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 2)
    try requireFloatingPoint(operands)
    try requireSameDType(operands)
    let (a, b) = (operands[0].shape, operands[1].shape)
    try requireSquareMatrices(a)
    guard b.rank >= 2, b[-2] == a[-1], a.rank == 2 || b.dropLast(2) == a.dropLast(2) else {
      throw OperandError(
        .shape,
        "the right-hand sides \(b) do not fit the matrices \(a): the rows must be as many, and the axes before agree")
    }
    return operands[1]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let (a, x) = (context.inputs[0], context.output)
    let byB = a.graph.apply(TriangularSolve(lower: lower, transposed: !transposed), [a, context.upstream])
    let (left, right) = transposed ? (x, byB) : (byB, x)
    let product: Tensor
    if a.rank == x.rank {
      product = matmul(left, right, transposeB: true)
    } else {
      // One product over all right-hand sides as rows.
      let count = x.shape.dropLast(2).elementCount * x.shape[-1]
      func rows(_ x: Tensor) -> Tensor { x.transpose.reshaped(to: [count, x.shape[-2]]) }
      product = matmul(rows(left), rows(right), transposeA: true)
    }
    return [-bandPart(product, lower: lower ? nil : 0, upper: lower ? 0 : nil), byB]
  }
  public func lower(operands: [TensorType], result: TensorType) -> LoopNest {
    let (n, m) = (LoopIndex.extent(result.shape[-2]), LoopIndex.extent(result.shape[-1]))
    // The system that is solved is lower triangular, and solved downwards, if A is and stays so, or is not and is transposed.
    let isLower = lower != transposed
    return .build(operands, result, independentAxes: result.shape.rank - 2) { nest in
      let batch = nest.position
      func coefficient(_ row: LoopIndex, _ column: LoopIndex) -> LoopValue {
        nest.load(0, (operands[0].shape.rank == 2 ? [] : batch) + (transposed ? [column, row] : [row, column]))
      }
      nest.loop(to: n, descending: !isLower) { i in
        nest.loop(to: m) { c in nest.store(nest.load(1, batch + [i, c]), at: batch + [i, c]) }
        nest.loop(from: isLower ? 0 : i + 1, to: isLower ? i : n) { k in
          nest.loop(to: m) { c in
            let at = batch + [i, c]
            nest.store(nest.loadResult(at) - coefficient(i, k) * nest.loadResult(batch + [k, c]), at: at)
          }
        }
        nest.loop(to: m) { c in
          nest.store(nest.loadResult(batch + [i, c]) / coefficient(i, i), at: batch + [i, c])
        }
      }
    }
  }
  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors {
    .operands
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let a = context.inputs[0].doubles
    var x = context.inputs[1].doubles
    let (n, m) = (context.inputs[0].shape.last ?? 0, context.shape.last ?? 0)
    let isLower = lower != transposed
    let isShared = context.inputs[0].shape.count == 2
    for matrix in 0..<context.shape.dropLast(2).reduce(1, *) {
      func coefficient(_ row: Int, _ column: Int) -> Double {
        a[(isShared ? 0 : matrix * n * n) + (transposed ? column * n + row : row * n + column)]
      }
      let start = matrix * n * m
      for i in isLower ? Array(0..<n) : Array((0..<n).reversed()) {
        for c in 0..<m {
          for k in isLower ? 0..<i : i + 1..<n { x[start + i * m + c] -= coefficient(i, k) * x[start + k * m + c] }
          x[start + i * m + c] /= coefficient(i, i)
        }
      }
    }
    return try context.floats(x)
  }
  public static let samples = [(true, false), (true, true), (false, false), (false, true)].flatMap {
    lower, transposed in
    [
      PrimitiveSample(
        TriangularSolve(lower: lower, transposed: transposed),
        [TensorType(.float32, [4, 4]), TensorType(.float32, [4, 3])], range: 0.5...2),
      PrimitiveSample(
        TriangularSolve(lower: lower, transposed: transposed),
        [TensorType(.float64, [2, 3, 3]), TensorType(.float64, [2, 3, 5])], range: 0.5...2),
      PrimitiveSample(
        TriangularSolve(lower: lower, transposed: transposed),
        [TensorType(.float64, [3, 3]), TensorType(.float64, [7, 2, 3, 1])], range: 0.5...2),
    ]
  }
}
