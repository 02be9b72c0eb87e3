import ElbowArrays
import Foundation

/// The format of the MNIST files: a magic number that holds the dtype and rank, big-endian extents, the elements.
///
/// Codes 0x08 (`uint8`), 0x0C (`int32`), 0x0D (`float32`) and 0x0E (`float64`) are read and written.
public enum IDX {
  private static let codes: [(code: UInt8, dtype: DType)] = [
    (0x08, .uint8), (0x0C, .int32), (0x0D, .float32), (0x0E, .float64),
  ]

  /// Reads an IDX file, compressed by gzip or not.
  ///
  /// - Throws: ``ElbowError`` when the file cannot be read or is not an IDX file of exactly the size it announces.
  public static func read(contentsOf url: URL) throws -> HostArray {
    try decode(FileContents.read(url), named: url.path)
  }

  /// Decodes the bytes of an IDX file, compressed by gzip or not. Errors call the data by `name`.
  public static func decode(_ bytes: [UInt8], named name: String = "The IDX data") throws -> HostArray {
    guard Gzip.isCompressed(bytes) else {
      var reader = ByteReader(bytes, named: name)
      let header = try Header(&reader)
      guard reader.remaining == header.byteCount else {
        throw ElbowError(
          .file, "\(name) announces \(header.announcement), but \(reader.remaining) bytes follow its header.")
      }
      return try header.array(reader.slice(header.byteCount, "the elements"), name)
    }

    // The header says how much may come out, so that a bomb is stopped at the announced size.
    let start = try Gzip.prefix(bytes, count: Header.greatestByteCount, named: name)
    var reader = ByteReader(start, named: name)
    let header = try Header(&reader)
    let (total, overflow) = header.byteCount.addingReportingOverflow(reader.offset)
    guard !overflow, total / Inflate.greatestRatio <= bytes.count else {
      throw ElbowError(
        .file, "\(name) announces \(header.announcement), more than its \(bytes.count) compressed bytes can hold.")
    }
    guard total <= FileContents.defaultLimit else {
      throw ElbowError(
        .file, "\(name) announces \(header.announcement), more than the \(FileContents.defaultLimit) that are read.")
    }
    let whole = try Gzip.decompress(bytes, limit: total, named: name)
    guard whole.count == total else {
      throw ElbowError(
        .file, "\(name) announces \(header.announcement), but \(whole.count - reader.offset) bytes follow its header.")
    }
    return try header.array(whole[reader.offset...], name)
  }

  /// The bytes of an IDX file.
  ///
  /// - Throws: ``ElbowError`` when the format has no code for the dtype, or an extent does not fit 32 bits.
  public static func encode(_ array: HostArray) throws -> [UInt8] {
    guard let code = codes.first(where: { $0.dtype == array.dtype })?.code else {
      throw ElbowError(.dtype, "An IDX file cannot hold \(array.dtype); it holds uint8, int32, float32 or float64.")
    }
    guard array.shape.count <= 255, array.shape.allSatisfy({ $0 <= UInt32.max }) else {
      throw ElbowError(.shape, "An IDX file cannot hold the shape \(array.shape): its extents have 32 bits each.")
    }
    var bytes: [UInt8] = [0, 0, code, UInt8(array.shape.count)]
    for extent in array.shape { bytes.appendBig(UInt64(extent), 4) }
    bytes += ByteOrder.big.converted(array.bytes, width: array.dtype.byteCount)
    return bytes
  }

  /// Writes an IDX file, compressed by gzip when the name ends in `.gz`.
  public static func write(_ array: HostArray, to url: URL) throws {
    let bytes = try encode(array)
    try AtomicFile.write(url.pathExtension == "gz" ? Gzip.compress(bytes) : bytes, to: url)
  }

  /// The header of an IDX file, which comes before its elements.
  private struct Header {
    let dtype: DType
    let shape: [Int]
    let byteCount: Int

    /// Four bytes and at most 255 extents.
    static let greatestByteCount = 4 + 255 * 4

    var announcement: String { "\(dtype) elements of shape \(shape), which take \(byteCount) bytes" }

    init(_ reader: inout ByteReader) throws {
      let magic = [UInt8](try reader.slice(4, "the magic number"))
      guard magic[0] == 0, magic[1] == 0 else {
        let found = magic.map { String($0, radix: 16) }.joined(separator: " ")
        throw ElbowError(
          .file, "\(reader.name) is not an IDX file: expected it to start with two zero bytes, but found '\(found)'.")
      }
      guard let dtype = codes.first(where: { $0.code == magic[2] })?.dtype else {
        throw ElbowError(
          .file,
          """
          \(reader.name) holds elements of the IDX code 0x\(String(magic[2], radix: 16)); supported are \
          8 (uint8), c (int32), d (float32) and e (float64).
          """)
      }
      self.dtype = dtype
      shape = try (0..<Int(magic[3])).map { _ in Int(try reader.big(4, "an extent")) }
      byteCount = try FileContents.byteCount(dtype: dtype, shape: shape, from: reader.name)
    }

    func array(_ elements: ArraySlice<UInt8>, _ name: String) throws -> HostArray {
      let native = ByteOrder.big.converted([UInt8](elements), width: dtype.byteCount)
      return try FileContents.array(dtype: dtype, shape: shape, bytes: native, from: name)
    }
  }
}
