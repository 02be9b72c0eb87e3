import ElbowArrays
import Foundation

/// An attribute is an object of one member that names its kind, `{"integers":[0,2]}`, so that none has to be guessed.
extension AttributeValue: Codable {
  private enum Kind: String, CodingKey, CaseIterable {
    case integer, integers, string, flag, dtype, shape, list, array
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Kind.self)
    guard container.allKeys.count == 1, let kind = container.allKeys.first else {
      let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected one member of: \(kinds)"))
    }
    func refuse(_ text: String) -> DecodingError {
      .dataCorruptedError(forKey: kind, in: container, debugDescription: text)
    }
    switch kind {
    case .integer: self = .integer(try container.decode(Int.self, forKey: kind))
    case .integers: self = .integers(try container.decode([Int].self, forKey: kind))
    case .string: self = .string(try container.decode(String.self, forKey: kind))
    case .flag: self = .flag(try container.decode(Bool.self, forKey: kind))
    case .dtype:
      let name = try container.decode(String.self, forKey: kind)
      guard let dtype = DType(rawValue: name) else { throw refuse("there is no dtype '\(name.prefix(40))'") }
      self = .dtype(dtype)
    case .shape:
      let texts = try container.decode([String].self, forKey: kind)
      guard let shape = Shape(reading: texts) else { throw refuse("expected a list of extents such as \"2*n + 1\"") }
      self = .shape(shape)
    case .list: self = .list(try container.decode([AttributeValue].self, forKey: kind))
    case .array:
      let record = try container.decode(ArrayRecord.self, forKey: kind)
      do { self = .array(try record.value()) } catch let error as ElbowError { throw refuse(error.message) }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Kind.self)
    switch self {
    case .integer(let value): try container.encode(value, forKey: .integer)
    case .integers(let values): try container.encode(values, forKey: .integers)
    case .string(let value): try container.encode(value, forKey: .string)
    case .flag(let value): try container.encode(value, forKey: .flag)
    case .dtype(let value): try container.encode(value.rawValue, forKey: .dtype)
    case .shape(let value): try container.encode(value.dimensions.map(\.description), forKey: .shape)
    case .list(let values): try container.encode(values, forKey: .list)
    case .array(let value): try container.encode(ArrayRecord(value), forKey: .array)
    }
  }
}

/// An array: numbers where they are few and text keeps them exactly, otherwise its bytes, little-endian.
struct ArrayRecord: Codable {
  var dtype: String
  var shape: [Int]
  var values: [Double]?
  var data: String?

  private static let listLimit = 16

  init(_ array: HostArray) {
    dtype = array.dtype.rawValue
    shape = array.shape
    // The shortest text of a float32 is that of another float64 than its value.
    values =
      array.dtype == .float32
      ? (try? array.values(as: Float.self))?.prefix(ArrayRecord.listLimit + 1).compactMap { Double("\($0)") }
      : array.count <= ArrayRecord.listLimit ? array.doubles : nil
    let isExact =
      array.count <= ArrayRecord.listLimit && (try? value()) == array
      && values?.contains { $0 == 0 && $0.sign == .minus } == false
    if !isExact {
      values = nil
      data = Data(array.bytes).base64EncodedString()
    }
  }

  /// - Throws: `ElbowError` whose message has no full stop.
  func value() throws -> HostArray {
    guard let dtype = DType(rawValue: dtype) else {
      throw ElbowError(.file, "there is no dtype '\(self.dtype.prefix(40))'")
    }
    guard shape.count <= Shape.rankLimit, let size = try? HostArray.byteCount(dtype: dtype, shape: shape) else {
      throw ElbowError(.file, "no array has the shape \(shape.prefix(Shape.rankLimit))")
    }
    let bytes: [UInt8]
    switch (values, data) {
    case (let values?, nil):
      guard values.count == size / dtype.byteCount else {
        throw ElbowError(
          .file, "\(values.count) values do not make an array of shape \(shape), which has \(size / dtype.byteCount)")
      }
      bytes = try values.flatMap { try ArrayRecord.bytes($0, dtype) }
    case (nil, let data?):
      guard let decoded = Data(base64Encoded: data), decoded.count == size else {
        throw ElbowError(.file, "the data are not base64 of the \(size) bytes that \(dtype)\(shape) takes")
      }
      bytes = [UInt8](decoded)
    default: throw ElbowError(.file, "an array needs either 'values' or 'data'")
    }
    do { return try HostArray(dtype: dtype, shape: shape, bytes: bytes) } catch {
      throw ElbowError(.file, "the data are not those of \(dtype)\(shape)")
    }
  }

  private static func bytes(_ value: Double, _ dtype: DType) throws -> [UInt8] {
    func raw<Scalar: ArrayScalar>(_ scalar: Scalar?) throws -> [UInt8] {
      guard let scalar else { throw ElbowError(.file, "\(value) is not a value of \(dtype)") }
      return HostArray(scalar: scalar).bytes
    }
    switch dtype {
    case .float32: return try raw(Float(value).isFinite ? Float(value) : nil)
    case .float64: return try raw(value.isFinite ? value : nil)
    case .int32: return try raw(Int32(exactly: value))
    case .int64: return try raw(Int64(exactly: value))
    case .uint8: return try raw(UInt8(exactly: value))
    case .uint32: return try raw(UInt32(exactly: value))
    case .bool: return try raw(value == 0 || value == 1 ? value == 1 : nil)
    }
  }
}
