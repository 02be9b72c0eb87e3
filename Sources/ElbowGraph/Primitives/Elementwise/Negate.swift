import ElbowArrays

/// -x.
public struct Negate: ElementwisePrimitive, PlainPrimitive {
  public static let name = "negate"
  public init() {}

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    try requireNumbers(operands)
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [-context.upstream] }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    builder.emit(.negate, operands, dtype)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    try context.mapNumbers(NegateRule())
  }
  public static let samples = [
    PrimitiveSample(Negate(), [TensorType(.float32, [3, 17])]), PrimitiveSample(Negate(), [TensorType(.int32, [5])]),
  ]
}
