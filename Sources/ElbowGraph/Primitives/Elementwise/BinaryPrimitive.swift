import ElbowArrays

/// An operation on two numbers of one dtype, applied to every pair of elements.
protocol BinaryPrimitive: ElementwisePrimitive, PlainPrimitive {
  associatedtype Rule: NumberPairRule
  /// The operation for the reference evaluator.
  static var rule: Rule { get }
  /// The operation in compiled code.
  static var operation: ScalarOperation { get }
  /// The gradients by both operands.
  func derivatives(_ context: GradientContext) -> [Tensor?]
  /// Where tests draw floating-point operands from.
  static var sampleRange: ClosedRange<Double> { get }
}

extension BinaryPrimitive {
  static var sampleRange: ClosedRange<Double> { 0.3...2 }
  public static var samples: [PrimitiveSample] {
    [DType.float32, .float64, .int32].map {
      PrimitiveSample(
        Self(), [TensorType($0, [3, 17]), TensorType($0, [3, 17])],
        range: $0 == .int32 ? 1...9 : sampleRange, isDifferentiable: $0.isFloatingPoint)
    }
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 2)
    try requireNumbers(operands)
    try requireSameDType(operands)
    try requireSameShape(operands)
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { derivatives(context) }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    builder.emit(Self.operation, operands, dtype)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray { try context.mapNumbers(Self.rule) }
}
