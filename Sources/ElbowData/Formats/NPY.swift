import ElbowArrays
import Foundation

/// NumPy's format for one array, versions 1 to 3.
///
/// Elements of `f4`, `f8`, `i4`, `i8`, `u1`, `u4` and `b1` are read in either byte order and in C or Fortran order;
/// they are written little-endian in C order.
public enum NPY {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static let descriptors: [(code: String, dtype: DType)] = [
    ("f4", .float32), ("f8", .float64), ("i4", .int32), ("i8", .int64), ("u1", .uint8), ("u4", .uint32),
    ("b1", .bool),
  ]

  /// Reads a `.npy` file.
  ///
  /// - Throws: ``ElbowError`` when the file cannot be read, is not a NumPy file, holds another element type, or has
  ///   more or fewer bytes than its header announces.
  public static func read(contentsOf url: URL) throws -> HostArray {
    try decode(FileContents.read(url), named: url.path)
  }

  /// Decodes the bytes of a `.npy` file. Errors call the data by `name`.
  public static func decode(_ bytes: [UInt8], named name: String = "The NumPy data") throws -> HostArray {
    let (header, start) = try header(bytes, name)
    guard let (dtype, order) = elementType(header.descriptor) else {
      throw ElbowError(
        .file,
        """
        \(name) holds elements of the NumPy type '\(header.descriptor)'; supported are \
        \(descriptors.map(\.code).joined(separator: ", ")). Convert the array with astype before saving it.
        """)
    }
    var reader = ByteReader(bytes, named: name, at: start)
    let byteCount = try FileContents.byteCount(dtype: dtype, shape: header.shape, from: name)
    guard reader.remaining == byteCount else {
      throw ElbowError(
        .file,
        """
        \(name) announces \(dtype) elements of shape \(header.shape), which take \(byteCount) bytes, but \
        \(reader.remaining) bytes follow its header.
        """)
    }
    var elements = order.converted(Array(try reader.slice(byteCount, "the elements")), width: dtype.byteCount)
    if header.isFortranOrder { elements = rowMajor(elements, shape: header.shape, width: dtype.byteCount) }
    return try FileContents.array(dtype: dtype, shape: header.shape, bytes: elements, from: name)
  }

  /// The file's name for the type of its elements, if no array can hold them.
  static func unsupportedType(_ bytes: [UInt8], named name: String) throws -> String? {
    let descriptor = try header(bytes, name).header.descriptor
    return elementType(descriptor) == nil ? descriptor : nil
  }

  /// A file's header, which comes before its elements, and where these begin.
  private static func header(_ bytes: [UInt8], _ name: String) throws -> (header: NPYHeader, start: Int) {
    var reader = ByteReader(bytes, named: name)
    guard try Array(reader.slice(magic.count, "the magic string")) == magic else {
      throw ElbowError(.file, "\(name) is not a NumPy file: expected it to start with 93 'NUMPY'.")
    }
    let version = Array(try reader.slice(2, "the version"))
    guard (1...3).contains(version[0]), version[1] == 0 else {
      throw ElbowError(
        .file, "\(name) has the NumPy format version \(version[0]).\(version[1]); supported are 1.0, 2.0 and 3.0.")
    }
    let headerCount = Int(try reader.little(version[0] == 1 ? 2 : 4, "the header's length"))
    return (try NPYHeader(parsing: reader.slice(headerCount, "the header"), named: name), reader.offset)
  }

  /// The bytes of a `.npy` file, the data at a multiple of 64 bytes.
  public static func encode(_ array: HostArray) -> [UInt8] {
    let code = descriptors.first { $0.dtype == array.dtype }?.code ?? "u1"
    let order = array.dtype.byteCount == 1 ? "|" : "<"
    let extents = array.shape.map { "\($0)" }.joined(separator: ", ") + (array.shape.count == 1 ? "," : "")
    let text = "{'descr': '\(order)\(code)', 'fortran_order': False, 'shape': (\(extents)), }"

    // Version 1 has room for two bytes of length; only ranks in the thousands need version 2.
    let isShort = text.utf8.count < 65_000
    let preamble = magic.count + 2 + (isShort ? 2 : 4)
    let unpadded = preamble + text.utf8.count + 1
    let padding = (64 - unpadded % 64) % 64
    var bytes = magic + [isShort ? 1 : 2, 0]
    bytes.appendLittle(UInt64(unpadded + padding - preamble), isShort ? 2 : 4)
    bytes += Array(text.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0a]
    bytes += ByteOrder.little.converted(array.bytes, width: array.dtype.byteCount)
    return bytes
  }

  /// Writes a `.npy` file.
  public static func write(_ array: HostArray, to url: URL) throws {
    try AtomicFile.write(encode(array), to: url)
  }

  /// nil for what no array can hold.
  private static func elementType(_ descriptor: String) -> (dtype: DType, order: ByteOrder)? {
    guard let first = descriptor.first, let found = descriptors.first(where: { descriptor.dropFirst() == $0.code }),
      "<>|=".contains(first), first != "|" || found.dtype.byteCount == 1
    else { return nil }
    return (found.dtype, first == ">" ? .big : first == "=" ? .native : .little)
  }

  /// Elements whose first index varies fastest, put in the order where the last one does.
  private static func rowMajor(_ elements: [UInt8], shape: [Int], width: Int) -> [UInt8] {
    guard shape.count > 1, !elements.isEmpty else { return elements }
    var strides: [Int] = []
    var stride = width
    for extent in shape {
      strides.append(stride)
      stride *= extent
    }
    var result = [UInt8]()
    result.reserveCapacity(elements.count)
    var index = [Int](repeating: 0, count: shape.count)
    var offset = 0
    while result.count < elements.count {
      result += elements[offset..<offset + width]
      // Counts as an odometer does, the last digit first.
      for axis in shape.indices.reversed() {
        index[axis] += 1
        offset += strides[axis]
        if index[axis] < shape[axis] { break }
        offset -= strides[axis] * shape[axis]
        index[axis] = 0
      }
    }
    return result
  }
}
