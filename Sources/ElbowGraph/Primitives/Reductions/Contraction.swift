import ElbowArrays

/// The sum of products over pairs of axes: matrix products and all that generalise them.
///
/// The result's axes are the shared batch axes, then the free axes of the left operand, then those of the right.
public struct Contraction: Primitive {
  public static let name = "contraction"
  /// Axes that both operands share and that stay, pair by pair.
  public let leftBatch: [Int]
  /// The axes of the right operand that are paired with `leftBatch`.
  public let rightBatch: [Int]
  /// Axes that are summed over, pair by pair.
  public let leftContracted: [Int]
  /// The axes of the right operand that are paired with `leftContracted`.
  public let rightContracted: [Int]

  /// The sum of products of two floating-point operands of one dtype. Axes are counted from the start, each named at
  /// most once; those of a pair have the same extent.
  ///
  /// - Parameters:
  ///   - leftBatch: The axes of the left operand that both share and that stay.
  ///   - rightBatch: Their partners in the right operand, in the same order.
  ///   - leftContracted: The axes of the left operand that are summed over.
  ///   - rightContracted: Their partners in the right operand, in the same order.
  public init(leftBatch: [Int] = [], rightBatch: [Int] = [], leftContracted: [Int], rightContracted: [Int]) {
    self.leftBatch = leftBatch
    self.rightBatch = rightBatch
    self.leftContracted = leftContracted
    self.rightContracted = rightContracted
  }
  public init(attributes: Attributes) throws {
    self.init(
      leftBatch: try attributes.integers("left_batch"), rightBatch: try attributes.integers("right_batch"),
      leftContracted: try attributes.integers("left_contracted"),
      rightContracted: try attributes.integers("right_contracted"))
  }
  public var attributes: Attributes {
    [
      "left_batch": .integers(leftBatch), "right_batch": .integers(rightBatch),
      "left_contracted": .integers(leftContracted), "right_contracted": .integers(rightContracted),
    ]
  }

  /// The axes of the left operand, of the given rank, that are neither batch axes nor summed over.
  public func leftFree(rank: Int) -> [Int] {
    (0..<rank).filter { !leftBatch.contains($0) && !leftContracted.contains($0) }
  }
  /// The axes of the right operand that are neither batch axes nor summed over.
  public func rightFree(rank: Int) -> [Int] {
    (0..<rank).filter { !rightBatch.contains($0) && !rightContracted.contains($0) }
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 2)
    try requireFloatingPoint(operands)
    try requireSameDType(operands)
    let (left, right) = (operands[0].shape, operands[1].shape)
    let (leftNamed, rightNamed) = (leftBatch + leftContracted, rightBatch + rightContracted)
    guard leftNamed.count == rightNamed.count, leftBatch.count == rightBatch.count,
      Set(leftNamed).count == leftNamed.count, Set(rightNamed).count == rightNamed.count,
      leftNamed.allSatisfy({ (0..<left.rank).contains($0) }), rightNamed.allSatisfy({ (0..<right.rank).contains($0) })
    else { throw OperandError(.shape, "the axes named do not fit the shapes \(left) and \(right)") }
    for (a, b) in zip(leftNamed, rightNamed) where left.dimensions[a] != right.dimensions[b] {
      throw OperandError(
        .shape,
        "axis \(a) of \(left) has the extent \(left.dimensions[a]), but axis \(b) of \(right), which it is "
          + "multiplied with, has \(right.dimensions[b])")
    }
    let shape =
      leftBatch.map { left.dimensions[$0] } + leftFree(rank: left.rank).map { left.dimensions[$0] }
      + rightFree(rank: right.rank).map { right.dimensions[$0] }
    return TensorType(operands[0].dtype, Shape(shape))
  }

  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let (x, y) = (context.inputs[0], context.inputs[1])
    let batch = leftBatch.count
    let (xFree, yFree) = (leftFree(rank: x.rank), rightFree(rank: y.rank))
    let batchAxes = [Int](0..<batch)
    let xFreeAxes = [Int](batch..<batch + xFree.count)
    let yFreeAxes = [Int](batch + xFree.count..<batch + xFree.count + yFree.count)
    // By the left operand: contract the upstream's right-free axes with the right operand's; likewise by the right.
    // Free axes of the other operand come out in increasing order, so the pairs of contracted axes are sorted by them.
    let byY = zip(leftContracted, rightContracted).sorted { $0.1 < $1.1 }.map(\.0)
    let byX = zip(leftContracted, rightContracted).sorted { $0.0 < $1.0 }.map(\.1)
    let dx = x.graph.apply(
      Contraction(leftBatch: batchAxes, rightBatch: rightBatch, leftContracted: yFreeAxes, rightContracted: yFree),
      [context.upstream, y])
    let dy = x.graph.apply(
      Contraction(leftBatch: leftBatch, rightBatch: batchAxes, leftContracted: xFree, rightContracted: xFreeAxes),
      [x, context.upstream])
    return [
      dx.transposed(Contraction.inverse(leftBatch + xFree + byY)),
      dy.transposed(Contraction.inverse(rightBatch + byX + yFree)),
    ]
  }

  private static func inverse(_ order: [Int]) -> [Int] { Transpose(order).inverse }

  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors {
    .sum(terms: leftContracted.reduce(1) { $0 * context.inputs[0].shape[$1] })
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let (left, right) = (context.inputs[0], context.inputs[1])
    let (x, y) = (left.doubles, right.doubles)
    let (leftStrides, rightStrides) = (rowMajorStrides(left.shape), rowMajorStrides(right.shape))
    let contracted = leftContracted.map { left.shape[$0] }
    let (xFree, yFree) = (leftFree(rank: left.shape.count), rightFree(rank: right.shape.count))
    var offsets: [(Int, Int)] = []
    forEachIndex(contracted) { index in
      offsets.append(
        (
          zip(index, leftContracted).reduce(0) { $0 + $1.0 * leftStrides[$1.1] },
          zip(index, rightContracted).reduce(0) { $0 + $1.0 * rightStrides[$1.1] }
        ))
    }
    let leftSteps = leftBatch.map { leftStrides[$0] } + xFree.map { leftStrides[$0] } + yFree.map { _ in 0 }
    let rightSteps = rightBatch.map { rightStrides[$0] } + xFree.map { _ in 0 } + yFree.map { rightStrides[$0] }
    var result: [Double] = []
    forEachIndex(context.shape) { index in
      let a = zip(index, leftSteps).reduce(0) { $0 + $1.0 * $1.1 }
      let b = zip(index, rightSteps).reduce(0) { $0 + $1.0 * $1.1 }
      var total = 0.0
      for (i, j) in offsets { total += x[a + i] * y[b + j] }
      result.append(total)
    }
    return context.dtype == .float64
      ? try HostArray(result, shape: context.shape) : try HostArray(result.map { Float($0) }, shape: context.shape)
  }

  public static let samples = [
    PrimitiveSample(
      Contraction(leftContracted: [1], rightContracted: [0]),
      [TensorType(.float32, [5, 7]), TensorType(.float32, [7, 19])]),
    PrimitiveSample(
      Contraction(leftContracted: [0], rightContracted: [0]),
      [TensorType(.float32, [7, 5]), TensorType(.float32, [7, 33])]),
    PrimitiveSample(
      Contraction(leftContracted: [1], rightContracted: [1]),
      [TensorType(.float64, [5, 7]), TensorType(.float64, [19, 7])]),
    PrimitiveSample(
      Contraction(leftBatch: [0], rightBatch: [1], leftContracted: [2], rightContracted: [0]),
      [TensorType(.float32, [3, 4, 6]), TensorType(.float32, [6, 3, 5])]),
    PrimitiveSample(
      Contraction(leftContracted: [2, 1], rightContracted: [0, 1]),
      [TensorType(.float64, [3, 4, 6]), TensorType(.float64, [6, 4, 5])]),
    PrimitiveSample(
      Contraction(leftContracted: [0], rightContracted: [0]), [TensorType(.float32, [40]), TensorType(.float32, [40])]),
  ]
}
