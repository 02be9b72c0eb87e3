import ElbowArrays

/// The opposite of a boolean.
public struct LogicalNot: ElementwisePrimitive, PlainPrimitive {
  public static let name = "not"
  public init() {}

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    guard operands[0].dtype == .bool else {
      throw OperandError(.dtype, "it needs a bool operand, but found \(operands[0].dtype)")
    }
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [nil] }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    builder.emit(.not, operands, .bool)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    try context.map { (x: Bool) in !x }
  }
  public static let samples = [
    PrimitiveSample(LogicalNot(), [TensorType(.bool, [3, 17])], range: 0...1, isDifferentiable: false)
  ]
}
