import ElbowArrays

/// A scalar of the loop interpreter: floating point in `Double`, rounded to its dtype, or an integer in `Int64`.
enum LoopScalar {
  case floating(Double)
  case integer(Int64)

  init(_ value: Double, _ dtype: DType) {
    switch dtype {
    case .float64: self = .floating(value)
    case .float32: self = .floating(Double(Float(value)))
    default: self = .integer(Int64(exactly: value) ?? 0)
    }
  }

  init(_ value: Int64, _ dtype: DType) {
    switch dtype {
    case .float32, .float64: self.init(Double(value), dtype)
    case .int32: self = .integer(Int64(Int32(truncatingIfNeeded: value)))
    case .uint32: self = .integer(Int64(UInt32(truncatingIfNeeded: value)))
    case .uint8: self = .integer(Int64(UInt8(truncatingIfNeeded: value)))
    case .bool: self = .integer(value == 0 ? 0 : 1)
    case .int64: self = .integer(value)
    }
  }

  init(_ holds: Bool) { self = .integer(holds ? 1 : 0) }

  var integer: Int64 {
    switch self {
    case .integer(let value): value
    case .floating(let value): Int64(exactly: value.rounded(.towardZero)) ?? 0
    }
  }
  var floating: Double {
    switch self {
    case .integer(let value): Double(value)
    case .floating(let value): value
    }
  }

  static func values(of array: HostArray) throws -> [LoopScalar] {
    array.dtype.isFloatingPoint
      ? array.doubles.map { .floating($0) }
      : try array.cast(to: .int64).values(as: Int64.self).map { .integer($0) }
  }

  static func array(_ values: [LoopScalar], _ dtype: DType, _ shape: [Int]) throws -> HostArray {
    dtype.isFloatingPoint
      ? try HostArray(values.map(\.floating), shape: shape).cast(to: dtype)
      : try HostArray(values.map(\.integer), shape: shape).cast(to: dtype)
  }

  static func apply(
    _ operation: ScalarOperation, _ operands: [LoopScalar], from source: DType, to dtype: DType
  ) throws -> LoopScalar {
    switch operation {
    case .select: return operands[operands[0].integer != 0 ? 1 : 2]
    case .cast:
      return source.isFloatingPoint ? LoopScalar(operands[0].floating, dtype) : LoopScalar(operands[0].integer, dtype)
    case .function(let called):
      guard let function = PrimitiveRegistry.named(called.name) as? any UnaryPrimitive.Type else {
        throw ElbowError(.internal, "There is no function '\(called.name)'.")
      }
      return LoopScalar(function.reference(operands[0].floating), dtype)
    default: break
    }
    guard operands.count == 2 else { throw ElbowError(.internal, "The interpreter does not know \(operation).") }
    if source.isFloatingPoint {
      let (a, b) = (operands[0].floating, operands[1].floating)
      switch operation {
      case .add: return LoopScalar(a + b, dtype)
      case .subtract: return LoopScalar(a - b, dtype)
      case .multiply: return LoopScalar(a * b, dtype)
      case .divide: return LoopScalar(a / b, dtype)
      case .maximum: return LoopScalar(a.isNaN || b.isNaN ? .nan : max(a, b), dtype)
      case .minimum: return LoopScalar(a.isNaN || b.isNaN ? .nan : min(a, b), dtype)
      case .less: return LoopScalar(a < b)
      case .lessOrEqual: return LoopScalar(a <= b)
      case .equal: return LoopScalar(a == b)
      case .notEqual: return LoopScalar(a != b)
      default: break
      }
    } else {
      let (a, b) = (operands[0].integer, operands[1].integer)
      switch operation {
      case .add: return LoopScalar(a &+ b, dtype)
      case .subtract: return LoopScalar(a &- b, dtype)
      case .multiply: return LoopScalar(a &* b, dtype)
      case .maximum: return LoopScalar(max(a, b), dtype)
      case .minimum: return LoopScalar(min(a, b), dtype)
      case .and: return LoopScalar(a & b, dtype)
      case .or: return LoopScalar(a | b, dtype)
      case .exclusiveOr: return LoopScalar(a ^ b, dtype)
      case .less: return LoopScalar(a < b)
      case .lessOrEqual: return LoopScalar(a <= b)
      case .equal: return LoopScalar(a == b)
      case .notEqual: return LoopScalar(a != b)
      default: break
      }
    }
    throw ElbowError(.internal, "The interpreter does not know \(operation).")
  }
}
