import ElbowArrays

/// x itself, through which no gradient flows.
public struct StopGradient: ElementwisePrimitive, PlainPrimitive {
  public static let name = "stop_gradient"
  public init() {}

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [nil] }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    operands[0]
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray { context.inputs[0] }
  public static let samples = [
    PrimitiveSample(StopGradient(), [TensorType(.float32, [3, 17])], isDifferentiable: false)
  ]
}
