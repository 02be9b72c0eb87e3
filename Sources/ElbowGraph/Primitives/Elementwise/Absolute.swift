import ElbowArrays

/// |x|; its derivative at zero is taken as zero.
public struct Absolute: ElementwisePrimitive, PlainPrimitive {
  public static let name = "abs"
  public init() {}

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    try requireNumbers(operands)
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    [context.upstream * sign(context.inputs[0])]
  }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    builder.emit(.absolute, operands, dtype)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray { try context.mapNumbers(AbsoluteRule()) }
  public static let samples = [
    PrimitiveSample(Absolute(), [TensorType(.float32, [3, 17])]),
    PrimitiveSample(Absolute(), [TensorType(.int32, [5])]),
  ]
}
