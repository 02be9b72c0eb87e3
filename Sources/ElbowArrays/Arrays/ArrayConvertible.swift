import Foundation

/// A value that can be fed as an array: an array itself, a number, or nested arrays of numbers.
///
///     try session.run(y, feeding: [x: [[1, 2], [3, 4]]])
public protocol ArrayConvertible {
  /// The array meant. Numbers take the dtype asked for; an array keeps its own.
  ///
  /// - Throws: ``ElbowError`` if a number has no value of that dtype, or rows differ in length.
  func hostArray(as dtype: DType) throws -> HostArray
}

extension HostArray: ArrayConvertible {
  /// The array itself; `dtype` is not looked at.
  public func hostArray(as dtype: DType) throws -> HostArray { self }
}

/// A plain number.
public protocol NumberConvertible: ArrayConvertible {
  /// The number, rounded if a double does not hold it.
  var number: Double { get }
}

extension NumberConvertible {
  /// A scalar of the dtype.
  ///
  /// - Throws: ``ElbowError`` if the dtype has no such value.
  public func hostArray(as dtype: DType) throws -> HostArray { try HostArray(numbers: [number], [], dtype) }
}

extension Bool: NumberConvertible { public var number: Double { self ? 1 : 0 } }
extension Float: NumberConvertible { public var number: Double { Double(self) } }
extension Double: NumberConvertible { public var number: Double { self } }
extension UInt8: NumberConvertible { public var number: Double { Double(self) } }
extension Int32: NumberConvertible { public var number: Double { Double(self) } }
extension Int: NumberConvertible {
  public var number: Double { Double(self) }

  /// A scalar of the dtype, exact also where a double is not.
  ///
  /// - Throws: ``ElbowError`` if the dtype has no such value.
  public func hostArray(as dtype: DType) throws -> HostArray {
    dtype == .int64 ? HostArray(scalar: Int64(self)) : try HostArray(numbers: [number], [], dtype)
  }
}

extension Array: ArrayConvertible where Element: ArrayConvertible {
  /// An array with the elements as rows; of shape `[0]` if there are none.
  ///
  /// - Throws: ``ElbowError`` if a number has no value of that dtype, or rows differ in length.
  public func hostArray(as dtype: DType) throws -> HostArray {
    // Numbers at once: an array for each would take long. Doubles do not hold every int64.
    if dtype != .int64, Element.self is any NumberConvertible.Type {
      return try HostArray(numbers: compactMap { ($0 as? any NumberConvertible)?.number }, [count], dtype)
    }
    let rows = try map { try $0.hostArray(as: dtype) }
    guard let first = rows.first else { return try HostArray(zeros: [0], dtype: dtype) }
    if let other = rows.first(where: { $0.shape != first.shape || $0.dtype != first.dtype }) {
      throw ElbowError(
        .shape,
        "The rows of an array are alike, but one is \(first.dtype)\(first.shape) and another \(other.dtype)\(other.shape)."
      )
    }
    return try HostArray(dtype: first.dtype, shape: [count] + first.shape, bytes: rows.flatMap(\.bytes))
  }
}

extension HostArray {
  /// Numbers, converted to a dtype.
  ///
  /// - Throws: ``ElbowError`` if the dtype has no such value: 0.5 is none of an integer, 2 none of a boolean.
  init(numbers: [Double], _ shape: [Int], _ dtype: DType) throws {
    func integers<Scalar: ArrayScalar & FixedWidthInteger>(_ type: Scalar.Type) throws -> HostArray {
      try HostArray(
        numbers.map { number in
          guard let value = Scalar(exactly: number) else { throw HostArray.noValue(number, dtype) }
          return value
        }, shape: shape)
    }
    self =
      switch dtype {
      case .float32: try HostArray(numbers.map { Float($0) }, shape: shape)
      case .float64: try HostArray(numbers, shape: shape)
      case .int32: try integers(Int32.self)
      case .int64: try integers(Int64.self)
      case .uint8: try integers(UInt8.self)
      case .uint32: try integers(UInt32.self)
      case .bool:
        try HostArray(
          numbers.map { number in
            guard number == 0 || number == 1 else { throw HostArray.noValue(number, dtype) }
            return number == 1
          }, shape: shape)
      }
  }

  private static func noValue(_ number: Double, _ dtype: DType) -> ElbowError {
    ElbowError(.dtype, "\(number) is no value of \(dtype).")
  }

  /// A matrix of rows of one length.
  ///
  /// - Throws: ``ElbowError`` if rows differ in length.
  public init<Scalar: ArrayScalar>(_ rows: [[Scalar]]) throws {
    let width = rows.first?.count ?? 0
    if let other = rows.first(where: { $0.count != width }) {
      throw ElbowError(
        .shape, "The rows of a matrix are of one length, but one has \(width) elements and another \(other.count).")
    }
    try self.init(rows.flatMap { $0 }, shape: [rows.count, width])
  }

  /// Raw elements in row-major order, little-endian.
  ///
  /// - Throws: ``ElbowError`` when the byte count does not match the shape and dtype.
  public init(_ data: Data, dtype: DType, shape: [Int]) throws {
    try self.init(dtype: dtype, shape: shape, bytes: [UInt8](data))
  }

  /// The raw elements in row-major order.
  public var data: Data { Data(bytes) }

  /// The elements converted to `Float`, whatever the dtype.
  public var floats: [Float] {
    if let own = try? values(as: Float.self) { return own }
    return doubles.map { Float($0) }
  }
}
