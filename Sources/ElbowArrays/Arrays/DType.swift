/// The element type of an array or tensor.
public enum DType: String, Sendable, Hashable, Codable, CaseIterable, CustomStringConvertible {
  case float32, float64, int32, int64, uint8, uint32, bool

  /// Bytes one element takes in memory.
  public var byteCount: Int {
    switch self {
    case .uint8, .bool: 1
    case .float32, .int32, .uint32: 4
    case .float64, .int64: 8
    }
  }

  /// Whether values are floating point, and so whether gradients flow through them.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// Whether values are integers (`bool` is not).
  public var isInteger: Bool {
    switch self {
    case .int32, .int64, .uint8, .uint32: true
    case .float32, .float64, .bool: false
    }
  }

  public var description: String { rawValue }
}

/// A Swift type that can be the element of a ``HostArray``.
public protocol ArrayScalar: Sendable, Hashable, BitwiseCopyable {
  /// The dtype of arrays of this type.
  static var dtype: DType { get }
}

extension Float: ArrayScalar { public static var dtype: DType { .float32 } }
extension Double: ArrayScalar { public static var dtype: DType { .float64 } }
extension Int32: ArrayScalar { public static var dtype: DType { .int32 } }
extension Int64: ArrayScalar { public static var dtype: DType { .int64 } }
extension UInt8: ArrayScalar { public static var dtype: DType { .uint8 } }
extension UInt32: ArrayScalar { public static var dtype: DType { .uint32 } }
extension Bool: ArrayScalar { public static var dtype: DType { .bool } }
