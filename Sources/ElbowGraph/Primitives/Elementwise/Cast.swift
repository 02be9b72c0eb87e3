import ElbowArrays

/// Conversion to another dtype. Floating point to integer truncates towards zero, saturates, and takes NaN to 0; to bool
/// is `x != 0`; between integers the low bits are kept.
public struct Cast: ElementwisePrimitive {
  public static let name = "cast"
  /// The dtype of the result.
  public let dtype: DType

  /// A conversion from any dtype to `dtype`.
  public init(to dtype: DType) { self.dtype = dtype }
  public init(attributes: Attributes) throws { dtype = try attributes.dtype("dtype") }
  public var attributes: Attributes { ["dtype": .dtype(dtype)] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    return TensorType(dtype, operands[0].shape)
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let source = context.inputs[0].dtype
    return [source.isFloatingPoint ? context.upstream.cast(to: source) : nil]
  }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    builder.cast(operands[0], dtype)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    switch context.inputs[0].dtype {
    case .float32: try context.inputs[0].withElements { (x: UnsafeBufferPointer<Float>) in try floating(x, context) }
    case .float64: try context.inputs[0].withElements { (x: UnsafeBufferPointer<Double>) in try floating(x, context) }
    case .int32: try context.inputs[0].withElements { (x: UnsafeBufferPointer<Int32>) in try integer(x, context) }
    case .int64: try context.inputs[0].withElements { (x: UnsafeBufferPointer<Int64>) in try integer(x, context) }
    case .uint32: try context.inputs[0].withElements { (x: UnsafeBufferPointer<UInt32>) in try integer(x, context) }
    case .uint8, .bool: try context.inputs[0].bytes.withUnsafeBufferPointer { try integer($0, context) }
    }
  }
  private func floating<T: ReferenceFloat>(_ x: UnsafeBufferPointer<T>, _ context: EvaluationContext) throws
    -> HostArray
  {
    switch context.dtype {
    case .float32: try HostArray(x.map { Float($0) }, shape: context.shape)
    case .float64: try HostArray(x.map { Double($0) }, shape: context.shape)
    case .int32: try HostArray(x.map { saturated($0, Int32.self) }, shape: context.shape)
    case .int64: try HostArray(x.map { saturated($0, Int64.self) }, shape: context.shape)
    case .uint32: try HostArray(x.map { saturated($0, UInt32.self) }, shape: context.shape)
    case .uint8: try HostArray(x.map { saturated($0, UInt8.self) }, shape: context.shape)
    case .bool: try HostArray(x.map { $0 != 0 }, shape: context.shape)
    }
  }
  private func saturated<T: ReferenceFloat, I: FixedWidthInteger>(_ x: T, _ type: I.Type) -> I {
    if x.isNaN { return 0 }
    if x >= T(I.max) { return I.max }
    if x <= T(I.min) { return I.min }
    return I(x)
  }
  private func integer<T: FixedWidthInteger>(_ x: UnsafeBufferPointer<T>, _ context: EvaluationContext) throws
    -> HostArray
  {
    switch context.dtype {
    case .float32: try HostArray(x.map { Float($0) }, shape: context.shape)
    case .float64: try HostArray(x.map { Double($0) }, shape: context.shape)
    case .int32: try HostArray(x.map { Int32(truncatingIfNeeded: $0) }, shape: context.shape)
    case .int64: try HostArray(x.map { Int64(truncatingIfNeeded: $0) }, shape: context.shape)
    case .uint32: try HostArray(x.map { UInt32(truncatingIfNeeded: $0) }, shape: context.shape)
    case .uint8: try HostArray(x.map { UInt8(truncatingIfNeeded: $0) }, shape: context.shape)
    case .bool: try HostArray(x.map { $0 != 0 }, shape: context.shape)
    }
  }
  public static let samples: [PrimitiveSample] = DType.allCases.flatMap { source in
    DType.allCases.filter { $0 != source }.map { target in
      PrimitiveSample(
        Cast(to: target), [TensorType(source, [3, 17])], range: source == .bool ? 0...1 : 0...100,
        isDifferentiable: source.isFloatingPoint && target.isFloatingPoint)
    }
  }
}
