import ElbowArrays
import Foundation

/// Tables of numbers as text: comma-separated, with a header row.
public enum CSV {
  /// What to do with a row in which a field is empty, `?`, `NA` or `NaN`.
  public enum MissingPolicy: Sendable {
    /// Throw an error that names the row and column.
    case refuse
    /// Leave the row out and count it.
    case dropRow
  }

  /// Reads a CSV file. Fields may be quoted; rows end with LF or CRLF; empty lines are skipped.
  ///
  /// - Parameters:
  ///   - missing: What to do with rows that lack a number.
  ///   - hasHeader: Whether the first row names the columns; otherwise they are named `column1`, `column2`, ...
  /// - Throws: ``ElbowError`` when the file cannot be read, has a row of another length than the first, two columns of
  ///   one name, or a field that is not a finite number; the row and column are named.
  public static func read(
    contentsOf url: URL, missing: MissingPolicy = .refuse, hasHeader: Bool = true
  ) throws -> CSVTable {
    try decode(FileContents.read(url), missing: missing, hasHeader: hasHeader, named: url.path)
  }

  /// Decodes the bytes of a CSV file. Errors call the data by `name`.
  public static func decode(
    _ bytes: [UInt8], missing: MissingPolicy = .refuse, hasHeader: Bool = true, named name: String = "The CSV data"
  ) throws -> CSVTable {
    var fields = CSVFields(bytes, named: name)
    guard let first = try fields.nextRow() else {
      throw ElbowError(.file, "\(name) is empty: expected \(hasHeader ? "a header row" : "rows of numbers").")
    }
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
    return CSVTable(columnNames: names, values: values, droppedRowCount: dropped)
  }

  /// A row's numbers, or nil when the row is to be dropped.
  private static func numbers(
    _ row: [String], _ names: [String], _ missing: MissingPolicy, _ place: String
  ) throws -> [Double]? {
    var numbers: [Double] = []
    for (field, column) in zip(row, names) {
      let text = field.trimmingCharacters(in: .whitespaces)
      if ["", "?", "na", "nan"].contains(text.lowercased()) {
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
  /// The line, from 1, on which the latest row began.
  private(set) var line = 0

  init(_ bytes: [UInt8], named name: String) {
    self.bytes = bytes
    self.name = name
    // Spreadsheet programs begin UTF-8 files with a byte-order mark.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { offset = 3 }
  }

  /// The next row that is not an empty line, or nil at the end.
  mutating func nextRow() throws -> [String]? {
    while offset < bytes.count {
      line = nextLine
      let start = offset
      let row = try readRow()
      let isBlank = row.count == 1 && bytes[start..<offset].allSatisfy { $0 <= 0x20 }
      if !isBlank { return row }
    }
    return nil
  }

  private mutating func readRow() throws -> [String] {
    var row: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == 0x0a { nextLine += 1 }
      switch byte {
      case 0x22 where isQuoted && offset < bytes.count && bytes[offset] == 0x22:
        // Two quotes within quotes stand for one.
        field.append(byte)
        offset += 1
      case 0x22:
        isQuoted.toggle()
      case 0x2c where !isQuoted:
        row.append(String(decoding: field, as: UTF8.self))
        field = []
      case 0x0a where !isQuoted:
        if field.last == 0x0d { field.removeLast() }
        return row + [String(decoding: field, as: UTF8.self)]
      default:
        field.append(byte)
      }
    }
    guard !isQuoted else {
      throw ElbowError(.file, "\(name), line \(line): a quoted field is not closed.")
    }
    return row + [String(decoding: field, as: UTF8.self)]
  }
}
