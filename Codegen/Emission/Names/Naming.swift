import ElbowArrays
import ElbowCTree
import ElbowGraph

/// Identifiers for names that come from a graph: letters, digits and underscores, unique, never a keyword.
struct Naming {
  private var used: Set<String>

  /// - Parameter reserved: Names that must not be given out.
  init(reserved: Set<String> = []) { used = reserved.union(Naming.keywords) }

  /// An identifier that resembles the text.
  mutating func identifier(for text: String, default fallback: String = "value") -> String {
    let base = Naming.sanitized(text, default: fallback)
    var name = base
    var count = 2
    while !used.insert(name).inserted {
      name = "\(base)_\(count)"
      count += 1
    }
    return name
  }

  /// A name for a function's parameter: none of the library's, such as `el_f32`, and no macro's.
  mutating func parameter(for text: String, default fallback: String = "value") -> String {
    let name = Naming.sanitized(text, default: fallback)
    let isMacro =
      name.utf8.count > 2 && name.first?.isUppercase == true && name.allSatisfy { $0.isUppercase || !$0.isLetter }
    let isTaken = ["el_", "elbow_", "EL_", "ELBOW_"].contains { name.hasPrefix($0) } || name.hasSuffix("_t") || isMacro
    return identifier(for: isTaken ? "the_" + name : name)
  }

  /// A name for an array within emitted functions: nor one of what is their own, such as `i0`, `row` or `dim_n`.
  mutating func local(for text: String, default fallback: String = "value") -> String {
    let name = Naming.sanitized(text, default: fallback)
    let letters = name.prefix { $0.isLowercase }
    let isNumbered = !letters.isEmpty && letters != name && name.dropFirst(letters.count).allSatisfy(\.isNumber)
    let isTaken = isNumbered || name.hasPrefix("dim_") || name.hasPrefix("count_") || Naming.locals.contains(name)
    return parameter(for: isTaken ? "the_" + name : name)
  }

  /// A name for a function behind its signature's: none of those that are made of a word and numbers.
  mutating func function(for text: String) -> String {
    let name = Naming.sanitized(text)
    let isTaken = ["stage_", "place_tile_", "loop_", "constant_", "product_", "default_"].contains {
      name.hasPrefix($0)
    }
    return identifier(for: isTaken ? "the_" + name : name)
  }

  /// The names without a number that emitted functions give to what is their own, and the functions they call.
  private static let locals: Set<String> = [
    "row", "row_end", "column", "column_end", "context", "count", "rows", "step", "step_frame", "shared", "frame",
    "threads", "s", "t", "tile", "tiles", "slice", "slices", "slice_last", "state", "stream", "width", "start",
    "needed", "way", "lanes_result", "memcpy", "memset",
  ]

  /// The text with what C does not allow replaced, at most 40 characters of it.
  static func sanitized(_ text: String, default fallback: String = "value") -> String {
    var result = ""
    for byte in text.utf8.prefix(40) {
      let isAllowed = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      let character: Character = isAllowed ? Character(UnicodeScalar(byte)) : "_"
      if character != "_" || result.last != "_" { result.append(character) }
    }
    while result.hasPrefix("_") { result.removeFirst() }
    while result.hasSuffix("_") { result.removeLast() }
    if result.isEmpty { return fallback }
    return result.first?.isNumber == true ? fallback + "_" + result : result
  }

  static let keywords: Set<String> = [
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "float",
    "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof",
    "static",
    "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while", "asm", "typeof", "f", "first",
    "last",
    "NULL", "main", "errno", "bool", "true", "false", "signal", "abs", "exp", "log", "sin", "cos", "free", "malloc",
    "linux", "unix", "i386", "class", "new", "this", "template", "public", "private", "delete", "namespace", "operator",
  ]
}

extension DType {
  /// The element's type in C.
  var cType: CType {
    switch self {
    case .float32: .float
    case .float64: .double
    case .int32: .int32
    case .int64: .int64
    case .uint8, .bool: .uint8
    case .uint32: .uint32
    }
  }
  /// The vector library's name for it.
  var suffix: String {
    switch self {
    case .float32: "f32"
    case .float64: "f64"
    case .int32: "i32"
    case .int64: "i64"
    case .uint8: "u8"
    case .uint32: "u32"
    case .bool: "bool"
    }
  }
  /// The type of a vector of elements in registers.
  var vectorType: CType { CType(self == .bool ? "el_mask" : "el_" + suffix) }
}

extension Dimension {
  /// The extent as an expression of C in variables named like the symbols.
  var c: CExpression {
    var total: CExpression = 0
    for term in terms {
      let product = term.symbols.map { CExpression.name(Naming.symbol($0)) }.reduce(
        CExpression.integer(abs(term.coefficient))
      ) { $0 * $1 }
      total = term.coefficient < 0 ? total - product : total + product
    }
    return total + .integer(constant)
  }

  /// About the extent, as a double, which does not overflow.
  var approximation: CExpression {
    var total: CExpression = .integer(constant)
    for term in terms {
      total =
        total
        + term.symbols.dropFirst().reduce(.cast(.double, .name(Naming.symbol(term.symbols[0])))) {
          $0 * .name(Naming.symbol($1))
        } * .integer(term.coefficient)
    }
    return total
  }
}

extension Naming {
  /// The variable of a symbol.
  static func symbol(_ name: String) -> String {
    // A user's symbols have no colon, so the two kinds never meet.
    (name.contains(":") ? "count_" : "dim_") + sanitized(name)
  }
}
