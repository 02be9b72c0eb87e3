import ElbowArrays

/// The header of a `.npy` file: a Python dictionary of exactly `descr`, `fortran_order` and `shape`.
///
/// Parsed as what it may be, not evaluated as Python: strings, booleans, and a tuple of whole numbers.
struct NPYHeader {
  let descriptor: String
  let isFortranOrder: Bool
  let shape: [Int]

  /// Parses the header's text.
  ///
  /// - Throws: ``ElbowError`` that says where the text is not such a dictionary.
  init(parsing text: ArraySlice<UInt8>, named name: String) throws {
    var parser = Parser(text: text, name: name)
    var descriptor: String?
    var isFortranOrder: Bool?
    var shape: [Int]?

    try parser.expect("{")
    while !parser.skips("}") {
      let key = try parser.string()
      try parser.expect(":")
      switch key {
      case "descr" where descriptor == nil: descriptor = try parser.string()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try parser.boolean()
      case "shape" where shape == nil: shape = try parser.tuple()
      default: throw parser.failure("one each of the keys 'descr', 'fortran_order' and 'shape'")
      }
      guard parser.skips(",") else {
        try parser.expect("}")
        break
      }
    }
    try parser.expectEnd()
    guard let descriptor, let isFortranOrder, let shape else {
      throw parser.failure("the keys 'descr', 'fortran_order' and 'shape'")
    }
    self.descriptor = descriptor
    self.isFortranOrder = isFortranOrder
    self.shape = shape
  }

  /// A cursor over the header's text that steps over spaces.
  private struct Parser {
    var text: ArraySlice<UInt8>
    let name: String

    func failure(_ expected: String) -> ElbowError {
      let found = text.isEmpty ? "its end" : "'\(String(decoding: text.prefix(24), as: UTF8.self))'"
      return ElbowError(.file, "\(name) has a NumPy header that cannot be read: expected \(expected), found \(found).")
    }

    private mutating func skipSpaces() {
      text = text.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
    }

    /// Steps over `token` if it comes next.
    mutating func skips(_ token: String) -> Bool {
      skipSpaces()
      guard text.starts(with: token.utf8) else { return false }
      text = text.dropFirst(token.utf8.count)
      return true
    }

    mutating func expect(_ token: String) throws {
      guard skips(token) else { throw failure("'\(token)'") }
    }

    mutating func expectEnd() throws {
      skipSpaces()
      guard text.isEmpty else { throw failure("the end of the header") }
    }

    /// A quoted string without escapes, which no key or simple dtype has.
    mutating func string() throws -> String {
      let isDouble = skips("\"")
      guard isDouble || skips("'") else { throw failure("a quoted string (structured dtypes are not supported)") }
      let quote: UInt8 = isDouble ? 0x22 : 0x27
      guard let end = text.firstIndex(of: quote), !text[..<end].contains(0x5c) else {
        throw failure("a simple quoted string")
      }
      defer { text = text[(end + 1)...] }
      return String(decoding: text[..<end], as: UTF8.self)
    }

    mutating func boolean() throws -> Bool {
      if skips("True") { return true }
      if skips("False") { return false }
      throw failure("True or False")
    }

    /// A tuple of whole numbers: `()`, `(3,)`, `(3, 4)`.
    mutating func tuple() throws -> [Int] {
      try expect("(")
      var extents: [Int] = []
      while !skips(")") {
        skipSpaces()
        let digits = text.prefix { (0x30...0x39).contains($0) }
        guard let extent = Int(String(decoding: digits, as: UTF8.self)) else {
          throw failure("an extent, which is a whole number that is not negative and fits 64 bits")
        }
        // NumPy allows 64; the bound keeps a hostile header from costing more than it weighs.
        guard extents.count < 64 else { throw failure("at most 64 extents") }
        extents.append(extent)
        text = text.dropFirst(digits.count)
        // Python 2 wrote long numbers with an L.
        _ = skips("L")
        guard skips(",") else {
          try expect(")")
          break
        }
      }
      return extents
    }
  }
}
