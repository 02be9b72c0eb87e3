import ElbowArrays

/// The same elements, in the same row-major order, under another shape.
public struct Reshape: ViewPrimitive {
  public static let name = "reshape"
  /// The shape of the result.
  public let shape: Shape

  /// The operand under `shape`; one with another number of elements is refused.
  public init(to shape: Shape) { self.shape = shape }
  public init(attributes: Attributes) throws { shape = try attributes.shape("shape") }
  public var attributes: Attributes { ["shape": .shape(shape)] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    guard operands[0].shape.elementCount == shape.elementCount else {
      throw OperandError(
        .shape,
        "\(operands[0].shape) has \(operands[0].shape.elementCount) elements and \(shape) has "
          + "\(shape.elementCount)")
    }
    return TensorType(operands[0].dtype, shape)
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    [context.upstream.reshaped(to: context.inputs[0].shape)]
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    try context.inputs[0].reshaped(to: context.shape)
  }

  /// Walks both shapes from the right in groups of axes with equal products; within a group the position is flattened
  /// along the result's axes and divided along the operand's.
  public func operandIndex(
    of index: [LinearIndex], operand: Shape, result: Shape, loops: inout any LoopSplitter
  ) -> [LinearIndex]? {
    var answer = [LinearIndex](repeating: LinearIndex(), count: operand.rank)
    var ours = result.dimensions.indices.filter { result.dimensions[$0] != 1 }[...]
    var theirs = operand.dimensions.indices.filter { operand.dimensions[$0] != 1 }[...]
    while let axis = ours.popLast() {
      guard let other = theirs.popLast() else { return nil }
      var group = [other]
      var flat = index[axis]
      var size = result.dimensions[axis]
      var needed = operand.dimensions[other]
      while size != needed {
        if needed.dividedExactly(by: size) != nil {
          guard let next = ours.popLast() else { return nil }
          flat = flat + index[next] * size
          size = size * result.dimensions[next]
        } else {
          guard let next = theirs.popLast() else { return nil }
          group.append(next)
          needed = needed * operand.dimensions[next]
        }
      }
      var outer = size
      for position in group.dropLast() {
        let inner = operand.dimensions[position]
        guard let rest = outer.dividedExactly(by: inner),
          let (quotient, remainder) = loops.split(flat, outer: rest, inner: inner)
        else { return nil }
        answer[position] = remainder
        flat = quotient
        outer = rest
      }
      if let first = group.last { answer[first] = flat }
    }
    return theirs.isEmpty ? answer : nil
  }
  public static let samples = [
    PrimitiveSample(Reshape(to: [3, 20]), [TensorType(.float32, [3, 4, 5])]),
    PrimitiveSample(Reshape(to: [3, 4, 5]), [TensorType(.float32, [12, 5])]),
    PrimitiveSample(Reshape(to: [6, 10]), [TensorType(.float64, [4, 15])]),
  ]
}
