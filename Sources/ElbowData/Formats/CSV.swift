import ElbowArrays
import Foundation

/// Tables of numbers as text: comma-separated, with a header row or without one.
public enum CSV {
  /// The treatment of a row in which a field is empty, `?`, `NA` or `NaN`.
  public enum MissingPolicy: Sendable {
    /// Throw an error that names the row and column.
    case refuse
    /// Leave the row out and count it.
    case dropRow
  }

  /// Reads a CSV file.
  ///
  /// Fields may be quoted, and blanks around them do not count; rows end with LF, CRLF or CR. Empty lines are skipped, but
  /// where there is a single column, one before the last row is a missing number.
  ///
  /// - Parameters:
  ///   - missing: The policy for rows that lack a number.
  ///   - hasHeader: Whether the first row names the columns; otherwise they are named `column1`, `column2`, ... If nil, it
  ///     does unless all of its fields are numbers.
  /// - Throws: ``ElbowError`` when the file cannot be read, has a row of another length than the first, two columns of
  ///   one name, a quote within a field, or a field that is not a finite number; the row and column are named.
  public static func read(
    contentsOf url: URL, missing: MissingPolicy = .refuse, hasHeader: Bool? = nil
  ) throws -> CSVTable {
    try decode(FileContents.read(url), missing: missing, hasHeader: hasHeader, named: url.path)
  }

  /// Decodes the bytes of a CSV file. Errors call the data by `name`.
  public static func decode(
    _ bytes: [UInt8], missing: MissingPolicy = .refuse, hasHeader: Bool? = nil, named name: String = "The CSV data"
  ) throws -> CSVTable {
    var fields = CSVFields(bytes, named: name)
    guard let first = try fields.nextRow() else {
      throw ElbowError(.file, "\(name) is empty: expected \(hasHeader == false ? "rows of numbers" : "a header row").")
    }
    let hasHeader = hasHeader ?? !first.allSatisfy { isMissing($0) || Double($0) != nil }
    let names = hasHeader ? first : first.indices.map { "column\($0 + 1)" }
    guard Set(names).count == names.count else {
      throw ElbowError(
        .file, "\(name) has two columns of the same name in its header: \(names.joined(separator: ", ")).")
    }

    var values: [Double] = []
    var dropped = 0
    var next = hasHeader ? try fields.nextRow() : first
    while let row = next {
      guard row.count == names.count else {
        throw ElbowError(
          .file,
          "\(name), line \(fields.line): expected \(names.count) fields as in the first row, but found \(row.count).")
      }
      if let numbers = try numbers(row, names, missing, "\(name), line \(fields.line)") {
        values += numbers
      } else {
        dropped += 1
      }
      next = try fields.nextRow()
    }
    return CSVTable(columnNames: names, hasHeader: hasHeader, values: values, droppedRowCount: dropped)
  }

  private static func isMissing(_ field: String) -> Bool { ["", "?", "na", "nan"].contains(field.lowercased()) }

  /// A row's numbers, or nil when the row is to be dropped.
  private static func numbers(
    _ row: [String], _ names: [String], _ missing: MissingPolicy, _ place: String
  ) throws -> [Double]? {
    var numbers: [Double] = []
    for (text, column) in zip(row, names) {
      if isMissing(text) {
        guard missing == .refuse else { return nil }
        throw ElbowError(
          .file,
          """
          \(place), column '\(column)': the number is missing (found '\(text)'). Fill it in, or read the file with \
          missing: .dropRow.
          """)
      }
      guard let number = Double(text), number.isFinite else {
        throw ElbowError(
          .file, "\(place), column '\(column)': expected a finite number, but found '\(text.prefix(40))'.")
      }
      numbers.append(number)
    }
    return numbers
  }
}

/// The fields of a CSV file, one row at a time.
private struct CSVFields {
  private let bytes: [UInt8]
  private let name: String
  private var offset = 0
  private var nextLine = 1
  /// How many fields the first row has.
  private var width: Int?
  /// The line, from 1, on which the latest row began.
  private(set) var line = 0

  init(_ bytes: [UInt8], named name: String) {
    self.name = name
    // White space after the last row makes no row, however much it is.
    self.bytes = [UInt8](bytes[..<((bytes.lastIndex { $0 > 0x20 } ?? -1) + 1)])
    // Spreadsheet programs begin UTF-8 files with a byte-order mark.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { offset = 3 }
  }

  /// The next row, or nil at the end.
  mutating func nextRow() throws -> [String]? {
    while offset < bytes.count {
      line = nextLine
      let start = offset
      let row = try readRow()
      let isBlank = row == [""] && bytes[start..<offset].allSatisfy { $0 <= 0x20 }
      if isBlank && width != 1 { continue }
      width = width ?? row.count
      return row
    }
    return nil
  }

  private mutating func readRow() throws -> [String] {
    var row: [String] = []
    while true {
      row.append(try readField())
      guard offset < bytes.count else { return row }
      let end = bytes[offset]
      offset += 1
      if end == 0x2c { continue }
      if end == 0x0d, offset < bytes.count, bytes[offset] == 0x0a { offset += 1 }
      nextLine += 1
      return row
    }
  }

  /// The next field without the blanks around it; what ends it comes next.
  private mutating func readField() throws -> String {
    skipBlanks()
    if offset < bytes.count, bytes[offset] == 0x22 { return try readQuoted() }
    let start = offset
    while offset < bytes.count, !isEnd(bytes[offset]) {
      guard bytes[offset] != 0x22 else { throw misplacedQuote() }
      offset += 1
    }
    let field = bytes[start..<offset]
    let last = field.lastIndex { !isBlank($0) }
    return String(decoding: field[..<(last.map { $0 + 1 } ?? start)], as: UTF8.self)
  }

  private mutating func readQuoted() throws -> String {
    var field: [UInt8] = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == 0x22 {
        // Two quotes within quotes stand for one.
        guard offset < bytes.count, bytes[offset] == 0x22 else {
          skipBlanks()
          guard offset == bytes.count || isEnd(bytes[offset]) else { throw misplacedQuote() }
          return String(decoding: field, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        }
        offset += 1
      } else if byte == 0x0a || byte == 0x0d && !(offset < bytes.count && bytes[offset] == 0x0a) {
        nextLine += 1
      }
      field.append(byte)
    }
    throw ElbowError(.file, "\(name), line \(line): a quoted field is not closed.")
  }

  private func misplacedQuote() -> ElbowError {
    ElbowError(
      .file,
      "\(name), line \(nextLine): a quote stands within a field; quotes enclose a whole one, and two within them are one."
    )
  }

  private mutating func skipBlanks() {
    while offset < bytes.count, isBlank(bytes[offset]) { offset += 1 }
  }
  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
  private func isEnd(_ byte: UInt8) -> Bool { byte == 0x2c || byte == 0x0a || byte == 0x0d }
}
