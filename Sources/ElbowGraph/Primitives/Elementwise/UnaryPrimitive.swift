import ElbowArrays
import RealModule

/// The floating-point types that the reference evaluator computes in.
public typealias ReferenceFloat = BinaryFloatingPoint & Real & ArrayScalar

/// A function of one floating-point number, applied to every element.
///
/// A conforming type says the function three times: for the reference evaluator, for the vector library, and its
/// derivative as graph operations.
public protocol UnaryPrimitive: ElementwisePrimitive, PlainPrimitive {
  /// The function, obviously.
  static func reference<T: ReferenceFloat>(_ x: T) -> T
  /// dy/dx, from the operand and the result.
  func derivative(_ x: Tensor, _ y: Tensor) -> Tensor
  /// Where tests draw operands from.
  static var sampleRange: ClosedRange<Double> { get }
  /// Whether the function is differentiable over the sample range, so that finite differences can check its derivative;
  /// it is unless a type says otherwise.
  static var isSmooth: Bool { get }
}

extension UnaryPrimitive {
  public static var sampleRange: ClosedRange<Double> { -2...2 }
  public static var isSmooth: Bool { true }
  public static var cost: ScalarCost { .function }
  public static var samples: [PrimitiveSample] {
    [DType.float32, .float64].map {
      PrimitiveSample(Self(), [TensorType($0, [3, 17])], range: sampleRange, isDifferentiable: isSmooth)
    }
  }

  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors { Self.isSmooth ? .operands : .result }
  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    try requireFloatingPoint(operands)
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    [context.upstream * derivative(context.inputs[0], context.output)]
  }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    builder.call(Self.function, operands)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    switch context.dtype {
    case .float32: try context.map { (x: Float) in Self.reference(x) }
    default: try context.map { (x: Double) in Self.reference(x) }
    }
  }
}

extension EvaluationContext {
  /// The result of a function of one operand's elements.
  func map<In: ArrayScalar, Out: ArrayScalar>(_ function: (In) -> Out) throws -> HostArray {
    try HostArray(inputs[0].withElements { $0.map(function) }, shape: shape)
  }
  /// The result of a function of two operands' elements.
  func map<In: ArrayScalar, Out: ArrayScalar>(_ function: (In, In) -> Out) throws -> HostArray {
    let values = try inputs[0].withElements { (a: UnsafeBufferPointer<In>) in
      try inputs[1].withElements { (b: UnsafeBufferPointer<In>) in a.indices.map { function(a[$0], b[$0]) } }
    }
    return try HostArray(values, shape: shape)
  }
}

extension Primitive {
  func requireCount(_ operands: [TensorType], _ count: Int) throws(OperandError) {
    guard operands.count == count else {
      throw OperandError(.invalidArgument, "it takes \(count) operand\(count == 1 ? "" : "s")")
    }
  }
  func requireFloatingPoint(_ operands: [TensorType]) throws(OperandError) {
    for operand in operands where !operand.dtype.isFloatingPoint {
      throw OperandError(
        .dtype, "it needs floating-point operands, but found \(operand.dtype); convert with cast(to: .float32)")
    }
  }
  /// Elementwise operands have one type; broadcasting has been made explicit before.
  func requireSameShape(_ operands: [TensorType]) throws(OperandError) {
    for operand in operands.dropFirst() where operand.shape != operands[0].shape {
      throw OperandError(.shape, "the shapes \(operands[0].shape) and \(operand.shape) differ")
    }
  }
  func requireSameDType(_ operands: [TensorType]) throws(OperandError) {
    for operand in operands.dropFirst() where operand.dtype != operands[0].dtype {
      throw OperandError(
        .dtype, "the dtypes \(operands[0].dtype) and \(operand.dtype) differ; convert one with cast(to:)")
    }
  }
}
