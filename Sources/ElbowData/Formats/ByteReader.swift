import ElbowArrays

/// A cursor over bytes that nobody vouched for: every read is checked and a short one is an error, never a trap.
struct ByteReader {
  let bytes: [UInt8]
  /// The name of the bytes in errors, usually the file's path.
  let name: String
  private(set) var offset: Int

  init(_ bytes: [UInt8], named name: String, at offset: Int = 0) {
    self.bytes = bytes
    self.name = name
    self.offset = min(max(offset, 0), bytes.count)
  }

  /// The number of bytes not yet read.
  var remaining: Int { bytes.count - offset }

  /// The next bytes; `what` says in the error what they were to be, "the header".
  mutating func slice(_ count: Int, _ what: String) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw ElbowError(
        .file,
        "\(name) ends too early: \(what) takes \(count) bytes at byte \(offset), but only \(remaining) are left.")
    }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  /// The next unsigned number of `width` bytes, at most 8, least significant byte first.
  mutating func little(_ width: Int, _ what: String) throws -> UInt64 {
    try slice(width, what).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The next unsigned number of `width` bytes, at most 8, most significant byte first.
  mutating func big(_ width: Int, _ what: String) throws -> UInt64 {
    try slice(width, what).reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension [UInt8] {
  /// Appends the low `width` bytes of a number, least significant first.
  mutating func appendLittle(_ value: UInt64, _ width: Int) {
    for byte in 0..<width { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))) }
  }

  /// Appends the low `width` bytes of a number, most significant first.
  mutating func appendBig(_ value: UInt64, _ width: Int) {
    for byte in (0..<width).reversed() { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))) }
  }
}

/// The order of bytes within an element, in files.
enum ByteOrder {
  case little, big

  /// The order of the machine.
  static var native: ByteOrder { 1.littleEndian == 1 ? .little : .big }

  /// Elements of `width` bytes, converted between this order and the machine's; the conversion is its own inverse.
  func converted(_ elements: [UInt8], width: Int) -> [UInt8] {
    guard self != .native, width > 1 else { return elements }
    var swapped = elements
    swapped.withUnsafeMutableBytes { raw in
      for start in stride(from: 0, through: raw.count - width, by: width) {
        raw[start..<start + width].reverse()
      }
    }
    return swapped
  }
}
