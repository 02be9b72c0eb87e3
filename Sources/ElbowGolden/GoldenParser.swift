import ElbowArrays

/// Reads JSON with numbers rounded correctly, which JSONSerialization does not promise: 0.9999999999999999 is not 1.
///
/// Files may come from anywhere: nesting is limited, and what does not fit is an error that says where.
struct GoldenParser {
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  static func parse(_ bytes: [UInt8]) throws -> GoldenValue {
    var parser = GoldenParser(bytes: bytes)
    let value = try parser.value()
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.mistake() }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func value() throws -> GoldenValue {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw mistake("values are nested too deeply") }
    switch peek() {
    case UInt8(ascii: "{"): return .object(Dictionary(try members(), uniquingKeysWith: { $1 }))
    case UInt8(ascii: "["): return .list(try elements("]") { try $0.value() })
    case UInt8(ascii: "\""): return .text(try text())
    default: break
    }
    let start = position
    while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
    switch String(decoding: bytes[start..<position], as: UTF8.self) {
    case "true": return .flag(true)
    case "false": return .flag(false)
    case "null": return .null
    case let number:
      guard let value = Double(number) else { throw mistake() }
      return .number(value)
    }
  }

  /// Whether a number or word ends before a byte: space, comma or a closing bracket.
  private func isEnd(_ byte: UInt8) -> Bool { byte <= 32 || byte == 44 || byte == 93 || byte == 125 }

  private mutating func members() throws -> [(String, GoldenValue)] {
    try elements("}") { parser in
      let key = try parser.text()
      guard parser.peek() == UInt8(ascii: ":") else { throw parser.mistake() }
      parser.position += 1
      return (key, try parser.value())
    }
  }

  private mutating func elements<Element>(
    _ end: Unicode.Scalar, _ element: (inout GoldenParser) throws -> Element
  ) throws -> [Element] {
    position += 1
    var result: [Element] = []
    while let next = peek(), next != UInt8(ascii: end) {
      result.append(try element(&self))
      if peek() == UInt8(ascii: ",") { position += 1 }
    }
    guard peek() != nil else { throw mistake() }
    position += 1
    return result
  }

  private mutating func text() throws -> String {
    guard peek() == UInt8(ascii: "\"") else { throw mistake() }
    position += 1
    var result: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count {
        position += 1
        let escaped: [UInt8: UInt8] = [UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13]
        if bytes[position] == UInt8(ascii: "u"), position + 4 < bytes.count {
          let code = UInt32(String(decoding: bytes[position + 1...position + 4], as: UTF8.self), radix: 16)
          guard let code, let scalar = Unicode.Scalar(code) else { throw mistake() }
          result += Array(String(Character(scalar)).utf8)
          position += 4
        } else {
          result.append(escaped[bytes[position]] ?? bytes[position])
        }
      } else {
        result.append(bytes[position])
      }
      position += 1
    }
    guard position < bytes.count else { throw mistake() }
    position += 1
    return String(decoding: result, as: UTF8.self)
  }

  private mutating func peek() -> UInt8? {
    skipSpace()
    return position < bytes.count ? bytes[position] : nil
  }

  private mutating func skipSpace() {
    while position < bytes.count, bytes[position] <= 32 { position += 1 }
  }

  private func mistake(_ why: String = "this is no JSON") -> ElbowError {
    ElbowError(.file, "The golden file cannot be read at byte \(position): \(why).")
  }
}
