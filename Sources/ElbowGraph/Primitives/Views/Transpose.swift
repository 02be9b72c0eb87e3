import ElbowArrays

/// The operand with its axes in another order: axis `i` of the result is axis `permutation[i]` of the operand.
public struct Transpose: ViewPrimitive {
  public static let name = "transpose"
  /// The operand's axes, counted from the start, in their new order.
  public let permutation: [Int]

  /// The operand with its axes, counted from the start, in this order, each once.
  public init(_ permutation: [Int]) { self.permutation = permutation }
  public init(attributes: Attributes) throws { permutation = try attributes.integers("permutation") }
  public var attributes: Attributes { ["permutation": .integers(permutation)] }

  /// Where each of the operand's axes went.
  var inverse: [Int] {
    var inverse = permutation
    for (to, from) in permutation.enumerated() where inverse.indices.contains(from) { inverse[from] = to }
    return inverse
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    let shape = operands[0].shape
    guard permutation.sorted() == [Int](0..<shape.rank) else {
      throw OperandError(.shape, "\(permutation) is not an order of the \(shape.rank) axes of \(shape)")
    }
    return TensorType(operands[0].dtype, Shape(permutation.map { shape.dimensions[$0] }))
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    [context.upstream.transposed(inverse)]
  }
  public func operandIndex(
    of index: [LinearIndex], operand: Shape, result: Shape, loops: inout any LoopSplitter
  ) -> [LinearIndex]? {
    inverse.map { index[$0] }
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    try context.gathered { index, source in
      for (to, from) in permutation.enumerated() { source[from] = index[to] }
    }
  }
  public static let samples = [
    PrimitiveSample(Transpose([1, 0]), [TensorType(.float32, [3, 17])]),
    PrimitiveSample(Transpose([2, 0, 1]), [TensorType(.float32, [3, 4, 5])]),
  ]
}
