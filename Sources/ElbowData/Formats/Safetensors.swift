import ElbowArrays
import Foundation

/// Hugging Face's format for named tensors: a JSON header that says where each tensor's bytes lie, then the bytes.
///
/// The dtypes F32, F64, I32, I64, U8, U32 and BOOL are supported; tensors of others, such as BF16, are passed over.
public enum Safetensors {
  /// The contents of a file: its tensors in the order of their bytes, free text by key, and the dtypes of the tensors that no
  /// array can hold, by their names.
  public typealias Contents = (
    tensors: [(name: String, array: HostArray)], metadata: [String: String], unsupported: [String: String]
  )

  /// A header larger than this is refused, as the reference implementation does.
  static let greatestHeaderByteCount = 100_000_000
  static let metadataKey = "__metadata__"

  static let codes: [(code: String, dtype: DType)] = [
    ("BOOL", .bool), ("F32", .float32), ("F64", .float64), ("I32", .int32), ("I64", .int64), ("U32", .uint32),
    ("U8", .uint8),
  ]

  /// Reads a `.safetensors` file.
  ///
  /// - Throws: ``ElbowError`` when the file cannot be read or its header is not what the format asks for: tensors that
  ///   match their shape and dtype, lie within the file, do not overlap and leave no byte unused.
  public static func read(contentsOf url: URL) throws -> Contents {
    try decode(FileContents.read(url), named: url.path)
  }

  /// Decodes the bytes of a `.safetensors` file. Errors call the data by `name`.
  public static func decode(_ bytes: [UInt8], named name: String = "The safetensors data") throws -> Contents {
    var reader = ByteReader(bytes, named: name)
    let announced = try reader.little(8, "the header's length")
    guard announced <= greatestHeaderByteCount else {
      throw ElbowError(
        .file,
        """
        \(name) is not a safetensors file: it announces a header of \(announced) bytes, but at most \
        \(greatestHeaderByteCount) are allowed.
        """)
    }
    let header = try SafetensorsHeader(parsing: reader.slice(Int(announced), "the header"), named: name)
    let start = reader.offset
    var end = 0
    var tensors: [(name: String, array: HostArray)] = []
    var unsupported: [String: String] = [:]
    for entry in header.entries {
      let title = "\(name), tensor '\(entry.name)',"
      let (length, overflow) = entry.end.subtractingReportingOverflow(entry.begin)
      guard entry.begin >= 0, !overflow, length >= 0 else {
        throw ElbowError(.file, "\(title) ends before it begins: its offsets are \(entry.begin) and \(entry.end).")
      }
      if let dtype = entry.dtype {
        let byteCount = try FileContents.byteCount(dtype: dtype, shape: entry.shape, from: title)
        guard length == byteCount else {
          throw ElbowError(
            .file,
            """
            \(title) takes \(byteCount) bytes as \(dtype) of shape \(entry.shape), but its offsets are \
            \(entry.begin) and \(entry.end).
            """)
        }
      }
      guard entry.begin == end else {
        let fault = entry.begin < end ? "overlaps the tensor before it" : "leaves unused bytes before it"
        throw ElbowError(.file, "\(title) begins at offset \(entry.begin), not \(end), and so \(fault).")
      }
      guard entry.end <= bytes.count - start else {
        throw ElbowError(
          .file, "\(title) ends at offset \(entry.end), but only \(bytes.count - start) bytes follow the header.")
      }
      end = entry.end
      let contents = try reader.slice(length, "a tensor")
      guard let dtype = entry.dtype else {
        unsupported[entry.name] = entry.code
        continue
      }
      let native = ByteOrder.little.converted(Array(contents), width: dtype.byteCount)
      let array = try FileContents.array(dtype: dtype, shape: entry.shape, bytes: native, from: title)
      tensors.append((entry.name, array))
    }
    guard reader.remaining == 0 else {
      throw ElbowError(.file, "\(name) has \(reader.remaining) bytes that belong to no tensor.")
    }
    return (tensors, header.metadata, unsupported)
  }

  /// The bytes of a `.safetensors` file; the same tensors and metadata give the same bytes.
  ///
  /// Tensors of wide elements come first, in the order given, so that every tensor is aligned to its elements; the
  /// data begins at a multiple of 8 bytes.
  ///
  /// - Throws: ``ElbowError`` when two names are equal, a name is the reserved `__metadata__`, or the header would be
  ///   too large.
  public static func encode(
    _ tensors: [(name: String, array: HostArray)], metadata: [String: String] = [:]
  ) throws -> [UInt8] {
    var names: Set<String> = []
    for (name, _) in tensors {
      guard name != metadataKey else {
        throw ElbowError(.invalidArgument, "A tensor cannot be named '\(metadataKey)', which the format reserves.")
      }
      guard names.insert(name).inserted else {
        throw ElbowError(.invalidArgument, "Two tensors cannot both be named '\(name)'.")
      }
    }
    // `sorted` is stable, which the order within one width relies on.
    let ordered = tensors.sorted { $0.array.dtype.byteCount > $1.array.dtype.byteCount }
    var header = Array(SafetensorsHeader.text(ordered, metadata: metadata).utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    guard header.count <= greatestHeaderByteCount else {
      throw ElbowError(.invalidArgument, "The names and metadata take \(header.count) bytes, too many for the format.")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + ordered.reduce(0) { $0 + $1.array.bytes.count })
    bytes.appendLittle(UInt64(header.count), 8)
    bytes += header
    for (_, array) in ordered { bytes += ByteOrder.little.converted(array.bytes, width: array.dtype.byteCount) }
    return bytes
  }

  /// Writes a `.safetensors` file.
  public static func write(
    _ tensors: [(name: String, array: HostArray)], metadata: [String: String] = [:], to url: URL
  ) throws {
    try AtomicFile.write(encode(tensors, metadata: metadata), to: url)
  }
}
