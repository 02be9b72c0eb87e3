/// A dense array in memory: a dtype, a shape and row-major elements.
///
/// It is what is fed to and fetched from a session or a compiled model, what files hold, and what the
/// reference evaluator computes with.
public struct HostArray: Sendable, Equatable {
  /// The element type.
  public let dtype: DType
  /// The extents, outermost first; empty for a scalar.
  public let shape: [Int]
  /// The elements in row-major order, native byte order; a `bool` is one byte, 0 or 1.
  public private(set) var bytes: [UInt8]

  /// The number of elements.
  public var count: Int { bytes.count / dtype.byteCount }

  /// Wraps raw elements.
  ///
  /// - Throws: ``ElbowError`` when the byte count does not match the shape and dtype, when an extent is negative or
  ///   their product overflows, or when a `bool` byte is neither 0 nor 1.
  public init(dtype: DType, shape: [Int], bytes: [UInt8]) throws {
    let expected = try HostArray.byteCount(dtype: dtype, shape: shape)
    guard bytes.count == expected else {
      throw ElbowError(
        .invalidArgument,
        "An array of \(dtype) with shape \(shape) takes \(expected) bytes, but \(bytes.count) were given.")
    }
    if dtype == .bool, let bad = bytes.first(where: { $0 > 1 }) {
      throw ElbowError(.invalidArgument, "A bool array holds the byte \(bad); only 0 and 1 are booleans.")
    }
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
  }

  /// An array of the given values in row-major order.
  ///
  /// - Throws: ``ElbowError`` when the number of values is not the product of the shape.
  public init<Scalar: ArrayScalar>(_ values: [Scalar], shape: [Int]) throws {
    self = try namingTheCallersLine {
      try HostArray(dtype: Scalar.dtype, shape: shape, bytes: values.withUnsafeBytes { [UInt8]($0) })
    }
  }

  /// A one-dimensional array.
  public init<Scalar: ArrayScalar>(_ values: [Scalar]) {
    dtype = Scalar.dtype
    shape = [values.count]
    bytes = values.withUnsafeBytes { [UInt8]($0) }
  }

  /// A scalar.
  public init<Scalar: ArrayScalar>(scalar value: Scalar) {
    dtype = Scalar.dtype
    shape = []
    bytes = Swift.withUnsafeBytes(of: value) { [UInt8]($0) }
  }

  /// An array of zeros. The shape must be one that ``byteCount(dtype:shape:)`` accepts.
  public init(zeros shape: [Int], dtype: DType = .float32) throws {
    try self.init(
      dtype: dtype, shape: shape,
      bytes: [UInt8](repeating: 0, count: HostArray.byteCount(dtype: dtype, shape: shape)))
  }

  /// The bytes an array takes, checked: no negative extent, no overflow.
  public static func byteCount(dtype: DType, shape: [Int]) throws -> Int {
    var total = dtype.byteCount
    for extent in shape {
      guard extent >= 0 else {
        throw ElbowError(.invalidArgument, "The shape \(shape) has a negative extent.")
      }
      let (product, overflow) = total.multipliedReportingOverflow(by: extent)
      guard !overflow else {
        throw ElbowError(.invalidArgument, "An array of \(dtype) with shape \(shape) is too large to address.")
      }
      total = product
    }
    return total
  }

  /// Calls `body` with the elements as `Scalar`, which must be the array's own dtype.
  ///
  /// - Throws: ``ElbowError`` when the dtype differs, and whatever `body` throws.
  public func withElements<Scalar: ArrayScalar, Result>(
    as type: Scalar.Type = Scalar.self, _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
  ) throws -> Result {
    guard type.dtype == dtype else {
      throw ElbowError(.invalidArgument, "The array holds \(dtype), not \(type.dtype).")
    }
    return try bytes.withUnsafeBytes { try body($0.bindMemory(to: type)) }
  }

  /// The elements in row-major order.
  ///
  /// - Throws: ``ElbowError`` when `Scalar` is not the array's dtype.
  public func values<Scalar: ArrayScalar>(as type: Scalar.Type = Scalar.self) throws -> [Scalar] {
    try withElements(as: type) { [Scalar]($0) }
  }

  /// The elements converted to `Double`, whatever the dtype.
  public var doubles: [Double] {
    bytes.withUnsafeBytes { raw in
      switch dtype {
      case .float32: raw.bindMemory(to: Float.self).map(Double.init)
      case .float64: [Double](raw.bindMemory(to: Double.self))
      case .int32: raw.bindMemory(to: Int32.self).map(Double.init)
      case .int64: raw.bindMemory(to: Int64.self).map(Double.init)
      case .uint32: raw.bindMemory(to: UInt32.self).map(Double.init)
      case .uint8, .bool: raw.map(Double.init)
      }
    }
  }

  /// The same elements under another shape with the same number of elements.
  public func reshaped(to shape: [Int]) throws -> HostArray {
    try HostArray(dtype: dtype, shape: shape, bytes: bytes)
  }

  /// Calls `body` with the raw bytes.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBytes(body)
  }

  /// Calls `body` with the raw bytes, to be changed in place.
  public mutating func withUnsafeMutableBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try bytes.withUnsafeMutableBytes(body)
  }
}
