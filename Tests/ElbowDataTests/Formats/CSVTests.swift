import ElbowArrays
import Testing

@testable import ElbowData

struct CSVTests {
  private func decode(_ text: String, missing: CSV.MissingPolicy = .refuse, hasHeader: Bool = true) throws -> CSVTable {
    try CSV.decode(Array(text.utf8), missing: missing, hasHeader: hasHeader, named: "a.csv")
  }

  @Test func numbersUnderAHeader() throws {
    let table = try decode("\u{feff}a,\"b, \"\"c\"\"\"\r\n1, 2.5\r\n\r\n\"-3\",4e2")
    #expect(table.columnNames == ["a", "b, \"c\""])
    #expect(table.values == [1, 2.5, -3, 400])
    #expect(try table.array() == HostArray([1, 2.5, -3, 400] as [Float], shape: [2, 2]))
    #expect(try table.array(columns: ["a"]) == HostArray([1, -3] as [Float], shape: [2, 1]))
    let data = try table.dataset(named: "t", labels: ["a"])
    #expect(try data["features"].doubles == [2.5, 400] && data["labels"].doubles == [1, -3])
    expectError(.data, "no column 'x'", "a, b") { try table.array(columns: ["x"]) }
  }

  @Test func withoutAHeader() throws {
    let table = try decode("1,2\n3,4\n", hasHeader: false)
    #expect(table.columnNames == ["column1", "column2"] && table.rowCount == 2)
    #expect(try decode("a,b\n").rowCount == 0)
  }

  @Test(arguments: ["?", "", "NA", "nan"]) func missingNumbers(field: String) throws {
    let text = "a,b\n1,2\n3,\(field)\n5,6\n"
    expectError(.file, "a.csv, line 3, column 'b'", "missing") { try decode(text) }
    let table = try decode(text, missing: .dropRow)
    #expect(table.values == [1, 2, 5, 6] && table.droppedRowCount == 1)
  }

  @Test func refusals() {
    expectError(.file, "empty") { try decode("") }
    expectError(.file, "line 3", "expected 2 fields", "found 1") { try decode("a,b\n1,2\n3\n") }
    expectError(.file, "line 2, column 'a'", "'ford'") { try decode("a\nford\n") }
    expectError(.file, "finite", "'inf'") { try decode("a\ninf\n") }
    expectError(.file, "line 3: a quoted field is not closed") { try decode("a\n1\n\"2\n") }
    expectError(.file, "same name") { try decode("a,a\n1,2\n") }
    expectError(.data, "float32") { try decode("a\n1e300\n").array() }
  }
}
