/// A message in the wire format of Protocol Buffers, field by field.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case fixed32 = 5
  }

  mutating func add(_ field: Int, integer value: Int64) {
    tag(field, .varint)
    varint(UInt64(bitPattern: value))
  }

  mutating func add(_ field: Int, _ value: Double) {
    tag(field, .fixed64)
    little(value.bitPattern)
  }

  mutating func add(_ field: Int, _ value: Float) {
    tag(field, .fixed32)
    little(value.bitPattern)
  }

  mutating func add(_ field: Int, _ value: [UInt8]) {
    tag(field, .delimited)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func add(_ field: Int, _ value: String) { add(field, Array(value.utf8)) }
  mutating func add(_ field: Int, _ value: ProtobufMessage) { add(field, value.bytes) }

  /// A repeated field, packed.
  mutating func add(_ field: Int, _ values: [Double]) {
    var packed = ProtobufMessage()
    for value in values { packed.little(value.bitPattern) }
    add(field, packed)
  }

  private mutating func tag(_ field: Int, _ type: WireType) { varint(UInt64(field) << 3 | type.rawValue) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func little<Bits: FixedWidthInteger>(_ value: Bits) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
