import ElbowArrays

/// `condition ? a : b` for every element. The branch not taken receives a zero gradient.
public struct Select: ElementwisePrimitive, PlainPrimitive {
  public static let name = "select"
  public init() {}

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 3)
    guard operands[0].dtype == .bool else {
      throw OperandError(.dtype, "its first operand must be bool, but is \(operands[0].dtype)")
    }
    try requireSameDType([operands[1], operands[2]])
    try requireSameShape(operands)
    return operands[1]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let zero = context.upstream.zerosLike()
    return [
      nil, select(context.inputs[0], context.upstream, zero), select(context.inputs[0], zero, context.upstream),
    ]
  }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    builder.emit(.select, operands, dtype)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let width = context.dtype.byteCount
    var bytes = context.inputs[2].bytes
    for (index, condition) in context.inputs[0].bytes.enumerated() where condition != 0 {
      let range = index * width..<(index + 1) * width
      bytes.replaceSubrange(range, with: context.inputs[1].bytes[range])
    }
    return try HostArray(dtype: context.dtype, shape: context.shape, bytes: bytes)
  }
  public static let samples = [
    PrimitiveSample(
      Select(), [TensorType(.bool, [3, 17]), TensorType(.float32, [3, 17]), TensorType(.float32, [3, 17])], range: 0...1
    )
  ]
}
