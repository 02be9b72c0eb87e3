import ElbowArrays

/// A value that has the gradient of another: `(x, y)` gives x, and differentiates as y.
///
/// For values whose derivatives are known by other means than the operations that made them, such as random variates with
/// implicit derivatives (Figurnov, Mohamed, Mnih 2018, "Implicit reparameterization gradients").
public struct WithGradient: ElementwisePrimitive, PlainPrimitive {
  public static let name = "with_gradient"
  public init() {}

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 2)
    try requireFloatingPoint(operands)
    try requireSameDType(operands)
    try requireSameShape(operands)
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [nil, context.upstream] }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    operands[0]
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray { context.inputs[0] }
  public static let samples = [
    PrimitiveSample(
      WithGradient(), [TensorType](repeating: TensorType(.float32, [3, 17]), count: 2), isDifferentiable: false)
  ]
}

extension Tensor {
  /// This tensor's value with the gradient of another one, which has its shape or broadcasts to it.
  public func withGradient(of other: Tensor) -> Tensor { elementwise(WithGradient(), self, other) }
}
