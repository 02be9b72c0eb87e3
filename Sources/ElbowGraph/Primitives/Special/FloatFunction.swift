import ElbowArrays

/// A function of several floating-point numbers of one dtype, applied to the elements at each position.
///
/// A conforming type says the function twice: for the reference evaluator, in double, and by its name in the vector
/// library; and its derivatives as graph operations.
protocol FloatFunction: ElementwisePrimitive {
  /// How many operands it takes.
  static var operandCount: Int { get }
  /// The function, obviously.
  func reference(_ x: [Double]) -> Double
  /// The derivative by each operand, from the operands and the result; nil where there is none.
  ///
  /// - Throws: `OperandError` of kind `gradient` where a derivative exists but is not known.
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?]
  /// Where tests draw operands from.
  static var sampleRange: ClosedRange<Double> { get }
  /// Whether finite differences can check the derivatives over the sample range; they can unless a type says otherwise.
  static var isSmooth: Bool { get }
  /// The functions that tests try.
  static var sampled: [Self] { get }
}

extension FloatFunction {
  static var isSmooth: Bool { true }
  public static var cost: ScalarCost { .series }

  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors { .operands }
  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, Self.operandCount)
    try requireFloatingPoint(operands)
    try requireSameDType(operands)
    try requireSameShape(operands)
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    try derivatives(context.inputs, context.output).map { $0.map { context.upstream * $0 } }
  }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    builder.call(Self.function, operands)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let operands = context.inputs.map(\.doubles)
    let count = operands.first?.count ?? 0
    return try context.floats((0..<count).map { position in reference(operands.map { $0[position] }) })
  }
  public static var samples: [PrimitiveSample] {
    sampled.flatMap { primitive in
      [DType.float32, .float64].map { dtype in
        PrimitiveSample(
          primitive, [TensorType](repeating: TensorType(dtype, [3, 17]), count: operandCount), range: sampleRange,
          isDifferentiable: isSmooth)
      }
    }
  }
}

extension FloatFunction where Self: PlainPrimitive {
  static var sampled: [Self] { [Self()] }
}
