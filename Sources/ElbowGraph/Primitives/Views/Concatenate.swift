import ElbowArrays

/// The operands one after the other along an axis.
public struct Concatenate: AssemblyPrimitive {
  public static let name = "concatenate"
  /// The axis, counted from the start, along which the operands follow each other.
  public let axis: Int

  /// The operands, one at least, of one dtype, along an axis, counted from the start; shapes that differ in another
  /// axis are refused.
  public init(axis: Int) { self.axis = axis }
  public init(attributes: Attributes) throws { axis = try attributes.integer("axis") }
  public var attributes: Attributes { ["axis": .integer(axis)] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    guard let first = operands.first else { throw OperandError(.invalidArgument, "there is nothing to concatenate") }
    try requireSameDType(operands)
    guard (0..<first.shape.rank).contains(axis) else {
      throw OperandError(.shape, "\(first.shape) has no axis \(axis)")
    }
    var result = first.shape
    for operand in operands.dropFirst() {
      var (ours, theirs) = (first.shape, operand.shape)
      guard theirs.rank == ours.rank else {
        throw OperandError(.shape, "the ranks of \(ours) and \(theirs) differ")
      }
      ours.dimensions[axis] = 0
      theirs.dimensions[axis] = 0
      guard ours == theirs else {
        throw OperandError(.shape, "\(first.shape) and \(operand.shape) differ in another axis than \(axis)")
      }
      result.dimensions[axis] = result.dimensions[axis] + operand.shape.dimensions[axis]
    }
    return TensorType(first.dtype, result)
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    var start: Dimension = 0
    return context.inputs.map { input in
      var starts = [Dimension](repeating: 0, count: input.rank)
      starts[axis] = start
      start = start + input.shape.dimensions[axis]
      return context.upstream.sliced(
        starts: starts, sizes: input.shape.dimensions, strides: [Int](repeating: 1, count: input.rank))
    }
  }
  public func pieces(operands: [Shape], result: Shape) -> Assembly {
    var start: Dimension = 0
    var pieces: [Assembly.Piece] = []
    for (index, operand) in operands.enumerated() {
      var starts = [Dimension](repeating: 0, count: operand.rank)
      starts[axis] = start
      start = start + operand.dimensions[axis]
      pieces.append(.init(operand: index, starts: starts, strides: [Int](repeating: 1, count: operand.rank)))
    }
    return Assembly(fill: nil, pieces: pieces)
  }
  public static let samples = [
    PrimitiveSample(Concatenate(axis: 1), [TensorType(.float32, [3, 17]), TensorType(.float32, [3, 5])]),
    PrimitiveSample(Concatenate(axis: 0), [TensorType(.float64, [2, 5]), TensorType(.float64, [1, 5])]),
  ]
}
