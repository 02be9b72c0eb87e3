import ElbowArrays
import Foundation

/// Results go to standard output; errors and progress to standard error. Names in them come from files: what a terminal would
/// take for an order is escaped, here and nowhere else.
package enum Console {
  /// - Throws: `ElbowError` of kind `file` when not all of it can be written.
  package static func print(_ text: String) throws {
    guard !write(lines(text), to: STDOUT_FILENO) else { return }
    throw ElbowError(.file, "The output cannot be written: \(String(cString: strerror(errno))).")
  }
  package static func report(_ text: String) { write(lines(text), to: STDERR_FILENO) }

  private static func lines(_ text: String) -> String { text.printable(keeping: ["\n", "\t"]) + "\n" }

  /// Whether standard error is a terminal, where a line can be written over.
  package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// How many characters fit on a line of standard error; 80 where nobody says.
  package static var terminalWidth: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes text.
  ///
  /// - Returns: Whether all of it was written; if not, `errno` says why.
  @discardableResult
  package static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { OpenStream.write(UnsafeRawBufferPointer($0), to: descriptor) == $0.count }
  }

  /// A value as one line of JSON, with keys in snake case, sorted.
  package static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    // JSON escapes the control characters of ASCII alone, and has its own form for the others.
    return String(decoding: try encoder.encode(value), as: UTF8.self).unicodeScalars.map { scalar in
      scalar.isOrder ? String(format: "\\u%04x", scalar.value) : String(scalar)
    }.joined()
  }

  /// Columns side by side, as wide as their widest entry; the first, or those that are named, are aligned left, the others
  /// right.
  package static func table(_ rows: [[String]], left: Set<Int> = [0]) -> String {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return rows.map { (row: [String]) -> String in
      let cells = row.enumerated().map { (index: Int, cell: String) -> String in
        let padding = String(repeating: " ", count: widths[index] - cell.count)
        return left.contains(index) ? cell + padding : padding + cell
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
