import ElbowArrays

/// An operation on the bits of integers, or on booleans.
public struct Bitwise: ElementwisePrimitive {
  public static let name = "bitwise"

  /// The operations on bits.
  public enum Operation: String, Sendable, CaseIterable {
    /// Operations bit by bit, or on truth values.
    case and, or, exclusiveOr
    /// Shifts by the right operand modulo the width; right shifts of signed integers keep the sign. Not for booleans.
    case shiftLeft, shiftRight
  }

  /// The operation.
  public let operation: Operation

  /// An operation on two operands of one shape and one dtype, integer or, except for shifts, bool.
  public init(_ operation: Operation) { self.operation = operation }
  public init(attributes: Attributes) throws {
    let name = try attributes.string("operation")
    guard let operation = Operation(rawValue: name) else {
      throw ElbowError(.file, "There is no bitwise operation '\(name)'.")
    }
    self.operation = operation
  }
  public var attributes: Attributes { ["operation": .string(operation.rawValue)] }
  var isShift: Bool { operation == .shiftLeft || operation == .shiftRight }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 2)
    try requireSameDType(operands)
    try requireSameShape(operands)
    guard operands[0].dtype.isInteger || operands[0].dtype == .bool && !isShift else {
      throw OperandError(
        .dtype, "it needs \(isShift ? "integers" : "integers or booleans"), but found \(operands[0].dtype)")
    }
    return operands[0]
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [nil, nil] }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    let scalar: ScalarOperation =
      switch operation {
      case .and: .and
      case .or: .or
      case .exclusiveOr: .exclusiveOr
      case .shiftLeft: .shiftLeft
      case .shiftRight: .shiftRight
      }
    return builder.emit(scalar, operands, dtype)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    switch context.dtype {
    case .int32: try context.map { (x: Int32, y: Int32) in combine(x, y) }
    case .int64: try context.map { (x: Int64, y: Int64) in combine(x, y) }
    case .uint32: try context.map { (x: UInt32, y: UInt32) in combine(x, y) }
    case .bool:
      try HostArray(
        dtype: .bool, shape: context.shape,
        bytes: zip(context.inputs[0].bytes, context.inputs[1].bytes).map { combine($0, $1) })
    default: try context.map { (x: UInt8, y: UInt8) in combine(x, y) }
    }
  }
  private func combine<T: FixedWidthInteger>(_ x: T, _ y: T) -> T {
    switch operation {
    case .and: x & y
    case .or: x | y
    case .exclusiveOr: x ^ y
    case .shiftLeft: x &<< y
    case .shiftRight: x &>> y
    }
  }
  public static let samples =
    Operation.allCases.map {
      PrimitiveSample(
        Bitwise($0), [TensorType(.uint32, [3, 17]), TensorType(.uint32, [3, 17])], range: 0...31,
        isDifferentiable: false)
    } + [
      PrimitiveSample(
        Bitwise(.and), [TensorType(.bool, [9]), TensorType(.bool, [9])], range: 0...1, isDifferentiable: false)
    ]
}
