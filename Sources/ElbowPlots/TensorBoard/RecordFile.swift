import ElbowArrays

/// TensorFlow's record format, in which TensorBoard wants its events: each record is its length, a checksum of the length,
/// its bytes, and a checksum of these.
enum RecordFile {
  /// A record as it stands in a file.
  static func framed(_ record: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(record.count + 16)
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: record.count >> shift)) }
    append(maskedChecksum(bytes), to: &bytes)
    bytes += record
    append(maskedChecksum(record), to: &bytes)
    return bytes
  }

  /// CRC-32C, turned and shifted: data that contain their own checksum would make a plain one weak.
  static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
    let checksum = crc32c(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
  }

  /// The checksum of Castagnoli, Bräuer and Herrmann (1993), bits reversed as in RFC 3720.
  static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    var checksum: UInt32 = 0xffff_ffff
    for byte in bytes { checksum = table[Int(UInt8(truncatingIfNeeded: checksum) ^ byte)] ^ checksum >> 8 }
    return ~checksum
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
  }

  private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
  }
}
