import Elbow
import Foundation

/// Results go to standard output; errors and progress to standard error. Names in them come from files: what a terminal would
/// take for an order is escaped, here and nowhere else.
enum Console {
  /// - Throws: `ElbowError` of kind `file` when not all of it can be written.
  static func print(_ text: String) throws {
    guard !write(lines(text), to: STDOUT_FILENO) else { return }
    throw ElbowError(.file, "The output cannot be written: \(String(cString: strerror(errno))).")
  }
  static func report(_ text: String) { write(lines(text), to: STDERR_FILENO) }

  private static func lines(_ text: String) -> String { text.printable(keeping: ["\n", "\t"]) + "\n" }

  /// Whether standard error is a terminal, where a line can be written over.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// How many characters fit on a line of standard error; 80 where nobody says.
  static var terminalWidth: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes text.
  ///
  /// - Returns: Whether all of it was written; if not, `errno` says why.
  @discardableResult
  static func write(_ text: String, to descriptor: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&place, 1, -1)
        continue
      }
      guard count > 0 else { return false }
      bytes = bytes.dropFirst(count)
    }
    return true
  }

  /// A value as one line of JSON, with keys in snake case, sorted.
  static func json(_ value: some Encodable) throws -> String {
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
  static func table(_ rows: [[String]], left: Set<Int> = [0]) -> String {
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

extension Double {
  /// The number with so many digits after the point.
  func fixed(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}

extension Int {
  /// The number with commas between thousands.
  var grouped: String {
    var text = ""
    for (index, digit) in String(magnitude).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + String(text.reversed())
  }
}

extension Duration {
  /// The duration in seconds.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// How long something took, and what it gave.
func timed<Result>(_ body: () throws -> Result) rethrows -> (result: Result, seconds: Double) {
  let start = ContinuousClock.now
  let result = try body()
  return (result, (ContinuousClock.now - start).inSeconds)
}
