import Foundation

/// Prints C: two spaces a level, lines of at most 120 columns where an argument list allows a break.
package struct CPrinter {
  private(set) var lines: [String] = []
  private var depth = 0
  /// Whether comments are printed; without them the text is what a compiler sees, which caches are keyed by.
  package let hasComments: Bool
  package static let width = 120

  package init(hasComments: Bool = true) { self.hasComments = hasComments }

  package static func text(_ declarations: [CDeclaration], hasComments: Bool = true) -> String {
    var printer = CPrinter(hasComments: hasComments)
    for declaration in declarations { printer.print(declaration) }
    return printer.lines.joined(separator: "\n") + "\n"
  }

  // MARK: Lines

  private mutating func line(_ text: String) {
    lines.append(text.isEmpty ? "" : String(repeating: "  ", count: depth) + text)
  }

  /// A line of code, broken at spaces where it would be too long: as far out of parentheses as can be, and late.
  private mutating func code(_ text: String) {
    var rest = Substring(text)
    var indent = ""
    while indent.utf8.count + rest.utf8.count + 2 * depth > CPrinter.width,
      let place = CPrinter.breakingPoint(rest, before: CPrinter.width - 2 * depth - indent.utf8.count)
    {
      line(indent + rest[..<place])
      rest = rest[place...].dropFirst()
      indent = "    "
    }
    line(indent + rest)
  }

  /// The best space to break a line at, in the second half of what fits.
  private static func breakingPoint(_ text: Substring, before limit: Int) -> Substring.Index? {
    var best: (place: Substring.Index, level: Int)?
    var (level, isInString, isEscaped) = (0, false, false)
    for (column, place) in text.indices.prefix(limit + 1).enumerated() {
      switch text[place] {
      case "\"" where !isEscaped: isInString.toggle()
      case "(", "[", "{": level += isInString ? 0 : 1
      case ")", "]", "}": level -= isInString ? 0 : 1
      case " " where !isInString && column > limit / 2:
        if level <= best?.level ?? level { best = (place, level) }
      default: break
      }
      isEscaped = text[place] == "\\" && !isEscaped
    }
    return best?.place
  }

  /// A comment of several lines if need be. Nothing in it can end it early.
  private mutating func comment(_ text: String) {
    guard hasComments else { return }
    let safe = CPrinter.ascii(text).replacingOccurrences(of: "*/", with: "* /").replacingOccurrences(
      of: "/*", with: "/ *")
    var rows: [String] = []
    for paragraph in safe.split(separator: "\n", omittingEmptySubsequences: false) {
      var row = ""
      for word in paragraph.split(separator: " ") {
        if !row.isEmpty && row.count + word.count + 1 > CPrinter.width - 6 - 2 * depth {
          rows.append(row)
          row = ""
        }
        row += (row.isEmpty ? "" : " ") + word
      }
      rows.append(row)
    }
    for (index, row) in rows.enumerated() {
      line((index == 0 ? "/* " : " * ") + row + (index == rows.count - 1 ? " */" : ""))
    }
  }

  /// Only printable ASCII, without trigraphs or line continuations.
  package static func ascii(_ text: String) -> String {
    String(
      text.unicodeScalars.map { scalar -> Character in
        scalar == "\n" || (scalar.value >= 32 && scalar.value < 127 && scalar != "\\") ? Character(scalar) : "?"
      }
    ).replacingOccurrences(of: "??", with: "? ?")
  }

  // MARK: Declarations

  private mutating func print(_ declaration: CDeclaration) {
    switch declaration {
    case .include(let file, let isSystem): line(isSystem ? "#include <\(file)>" : "#include \"\(file)\"")
    case .directive(let text): line(text)
    case .define(let name, let value): line("#define \(name) \(value)")
    case .comment(let text):
      if hasComments { line("") }
      comment(text)
    case .structure(let type, let fields):
      let name = type.text
      line("")
      line("typedef struct \(name) {")
      for field in fields { line("  \(field.type.declaring(field.name));") }
      line("} \(name);")
    case .constantArray(let type, let name, let values):
      line("")
      line("static \(type.constant.declaring(name))[] = {")
      var row = " "
      for value in values {
        let text = CPrinter.text(value)
        if row.count + text.count + 2 > CPrinter.width {
          line(row)
          row = " "
        }
        row += " " + text + ","
      }
      line(row)
      line("};")
    case .constant(let type, let name, let value): assignment("static \(type.constant.declaring(name)) = ", value)
    case .macro(let name, let arguments): wrap((name + "(", arguments.map(CPrinter.breakable)), end: ")")
    case .conditional(let condition, let inner):
      line("")
      line("#if \(condition)")
      for declaration in inner { print(declaration) }
      line("#endif")
    case .prototype(let function): wrap(CPrinter.headParts(function), end: ");")
    case .function(let function):
      line("")
      if let text = function.comment { comment(text) }
      wrap(CPrinter.headParts(function), end: ") {")
      depth += 1
      for statement in function.body { print(statement) }
      depth -= 1
      line("}")
    }
  }

  private static func headParts(_ function: CFunction) -> (String, [String]) {
    let parameters = function.parameters.map { $0.type.declaring($0.name) }
    let attributes = function.attributes.isEmpty ? "" : function.attributes + " "
    let start = (function.isStatic ? "static " : "") + attributes + function.result.declaring(function.name) + "("
    return (start, parameters.isEmpty ? ["void"] : parameters)
  }

  /// An argument; a long string is several literals, between which a line may be broken.
  private static func breakable(_ argument: CExpression) -> String {
    guard case .string(let value) = argument, value.utf8.count > pieceLength else { return text(argument) }
    var pieces: [String] = []
    var rest = value[...]
    while !rest.isEmpty {
      pieces.append(quoted(String(rest.prefix(pieceLength))))
      rest = rest.dropFirst(pieceLength)
    }
    return pieces.joined(separator: " ")
  }
  private static let pieceLength = 80

  /// A list in parentheses or braces, broken after commas where the line would be too long.
  private mutating func wrap(_ parts: (String, [String]), end: String) {
    let indent = String(repeating: " ", count: parts.0.count <= 40 ? parts.0.count : 4)
    var row = parts.0
    for (index, part) in parts.1.enumerated() {
      let text = part + (index == parts.1.count - 1 ? end : ",")
      if row.count + text.count + 1 > CPrinter.width - 2 * depth, row.count > indent.count {
        code(row)
        row = indent
      }
      row += (row == parts.0 || row == indent ? "" : " ") + text
    }
    code(row)
  }

  // MARK: Statements

  private mutating func print(_ statement: CStatement) {
    switch statement {
    case .declare(let type, let name, let value):
      let left = type.declaring(name)
      if let value { assignment(left + " = ", value) } else { line(left + ";") }
    case .declareArray(let type, let name, let count, let value):
      let left = "\(type.declaring(name))[\(CPrinter.text(count))]"
      code(left + (value.map { " = " + CPrinter.text($0) } ?? "") + ";")
    case .assign(let left, let sign, let right): assignment("\(CPrinter.text(left)) \(sign.rawValue) ", right)
    case .expression(let expression): assignment("", expression)
    case .loop(let variable, let from, let condition, let step, let body):
      let advance = step == 1 ? "++\(variable)" : step == -1 ? "--\(variable)" : "\(variable) += \(CPrinter.text(step))"
      code("for (long \(variable) = \(CPrinter.text(from)); \(CPrinter.text(condition)); \(advance)) {")
      block(body)
      line("}")
    case .whileLoop(let condition, let advance, let body):
      code("for (; \(CPrinter.text(condition)); \(CPrinter.text(advance))) {")
      block(body)
      line("}")
    case .each(let group, let body):
      line("\(group.rawValue)(\(group.counter)) {")
      block(body)
      line("}")
    case .conditional(let condition, let then, let otherwise):
      code("if (\(CPrinter.text(condition))) {")
      block(then)
      if !otherwise.isEmpty {
        line("} else {")
        block(otherwise)
      }
      line("}")
    case .returned(let value): if let value { assignment("return ", value) } else { line("return;") }
    case .comment(let text): comment(text)
    case .block(let body):
      line("{")
      block(body)
      line("}")
    }
  }

  private mutating func block(_ body: [CStatement]) {
    depth += 1
    for statement in body { print(statement) }
    depth -= 1
  }

  private mutating func assignment(_ left: String, _ value: CExpression) {
    let whole = left + CPrinter.text(value) + ";"
    guard whole.utf8.count + 2 * depth > CPrinter.width else { return line(whole) }
    switch value {
    case .call(let name, let arguments): wrap((left + name + "(", arguments.map { CPrinter.text($0) }), end: ");")
    case .structure(let fields): wrap((left + "{", fields.map(CPrinter.text)), end: "};")
    case .list(let values): wrap((left + "{", values.map { CPrinter.text($0) }), end: "};")
    default: code(whole)
    }
  }

  private static func text(_ field: CExpression.Field) -> String { ".\(field.name) = \(text(field.value))" }

  // MARK: Expressions

  package static func text(_ expression: CExpression) -> String {
    switch expression {
    case .name(let name): return name
    case .integer(let value):
      if value == Int.min { return "INT64_MIN" }
      return abs(value) > Int(Int32.max) ? "INT64_C(\(value))" : "\(value)"
    case .unsigned(let value): return "\(value)u"
    case .unsigned64(let value):
      let digits = String(value, radix: 16)
      return "UINT64_C(0x\(String(repeating: "0", count: 16 - digits.count) + digits))"
    case .literal(let bits, let isDouble): return literal(Double(bitPattern: bits), isDouble)
    case .string(let value): return quoted(value)
    case .call(let name, let arguments): return "\(name)(\(arguments.map(text).joined(separator: ", ")))"
    case .binary(let sign, let left, let right):
      return "\(operand(left, of: sign, isRight: false)) \(sign.rawValue) \(operand(right, of: sign, isRight: true))"
    case .unary(let sign, let value): return sign.rawValue + tight(value)
    case .conditional(let condition, let a, let b): return "\(tight(condition)) ? \(tight(a)) : \(tight(b))"
    case .subscripted(let array, let index): return "\(tight(array))[\(text(index))]"
    case .member(let value, let name): return "\(tight(value)).\(name)"
    case .field(let value, let name): return "\(tight(value))->\(name)"
    case .cast(let type, let value): return "(\(type.text))\(tight(value))"
    case .type(let type): return type.text
    case .structure(let fields): return "{\(fields.map(text).joined(separator: ", "))}"
    case .list(let values): return "{\(values.map(text).joined(separator: ", "))}"
    }
  }

  private static func operand(_ value: CExpression, of sign: COperator, isRight: Bool) -> String {
    let outer = sign.precedence
    switch value {
    case .binary(let inner, _, _):
      let level = inner.precedence
      let needsNone =
        level > outer && outer >= 8 || level == outer && !isRight && (sign == inner || outer == 9)
        || level >= 9 && outer <= 7
      return needsNone ? text(value) : "(\(text(value)))"
    case .conditional: return "(\(text(value)))"
    case .integer(let number) where number < 0: return "(\(number))"
    case .literal(let bits, _) where Double(bitPattern: bits).sign == .minus: return "(\(text(value)))"
    default: return text(value)
    }
  }

  private static func tight(_ value: CExpression) -> String {
    switch value {
    case .binary, .conditional, .cast: "(\(text(value)))"
    case .unary: "(\(text(value)))"
    default: text(value)
    }
  }

  private static func literal(_ value: Double, _ isDouble: Bool) -> String {
    if value.isNaN { return isDouble ? "__builtin_nan(\"\")" : "__builtin_nanf(\"\")" }
    if value.isInfinite { return (value < 0 ? "-" : "") + (isDouble ? "__builtin_inf()" : "__builtin_inff()") }
    let shortest = isDouble ? "\(value)" : "\(Float(value))"
    let digits = shortest.contains(".") || shortest.contains("e") ? shortest : shortest + ".0"
    return isDouble ? digits : digits + "f"
  }

  /// A string literal whose every odd character is an octal escape.
  package static func quoted(_ value: String) -> String {
    var result = "\""
    for byte in value.utf8 {
      switch byte {
      case 34: result += "\\\""
      case 92: result += "\\\\"
      case 63: result += "\\?"
      case 10: result += "\\n"
      case 32...126: result.append(Character(UnicodeScalar(byte)))
      default: result += "\\" + String(repeating: "0", count: 3 - String(byte, radix: 8).count) + String(byte, radix: 8)
      }
    }
    return result + "\""
  }
}
