import ElbowArrays
import Testing

@testable import ElbowData

struct CSVTests {
  private func decode(_ text: String, missing: CSV.MissingPolicy = .refuse, hasHeader: Bool? = nil) throws -> CSVTable {
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
    // Found out: a row of numbers is no header, and one in which a single name stands is one.
    #expect(try decode("1,2\n3,4\n").values == [1, 2, 3, 4])
    #expect(try decode("1,2\n3,4\n").hasHeader == false)
    #expect(try decode("1, ?\n3,4\n", missing: .dropRow).droppedRowCount == 1)
    #expect(try decode("1,b\n3,4\n").columnNames == ["1", "b"])
    #expect(try decode("1,2\n3,4\n", hasHeader: true).columnNames == ["1", "2"])
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func rowsEnd(_ end: String) throws {
    let lines = ["a , \tb", "1,2 ", "", " 3\t,4", "", ""]
    let table = try decode(lines.joined(separator: end))
    #expect(table.columnNames == ["a", "b"] && table.values == [1, 2, 3, 4])
    expectError(.file, "line 4, column 'b'", "'x'") { try decode(["a,b", "1,2", "", "3,x"].joined(separator: end)) }
  }

  /// An empty line of a single column is a number that is missing, unless nothing follows.
  @Test func aSingleColumn() throws {
    let text = "a\n1\n\n3\n\n \n"
    expectError(.file, "line 3, column 'a'", "missing") { try decode(text) }
    let table = try decode(text, missing: .dropRow)
    #expect(table.values == [1, 3] && table.droppedRowCount == 1)
    #expect(try decode("a\n1\n\"\"\n2", missing: .dropRow).droppedRowCount == 1)
  }

  @Test func quotesEncloseWholeFields() throws {
    #expect(try decode("a,b\n \"1\" , \" 2 \"\n").values == [1, 2])
    for (line, text) in ["1\"2\",3", "\"1\"2,3", "1,2\"", "1,\"2\"\"\"3"].map({ (2, "a,b\n\($0)\n") })
      + [(1, "a\"b,c\n1,2\n")]
    {
      expectError(.file, "line \(line): a quote stands within a field") { try decode(text) }
    }
  }

  /// The columns of a table go to a model's inputs.
  @Test func inputsTakeColumnsByName() throws {
    let table = try decode("x,label,y\n1,0,2\n3,1,4\n")
    let data = try table.dataset(named: "t", inputs: [("points", .float64, [2]), ("label", .int32, [])])
    #expect(try data["points"] == HostArray([1, 2, 3, 4] as [Double], shape: [2, 2]))
    #expect(try data["label"] == HostArray([0, 1] as [Int32]) && data.notes.isEmpty)
    let some = try table.dataset(named: "t", inputs: [("y", .float32, [1]), ("label", .bool, [])])
    #expect(try some["y"] == HostArray([2, 4] as [Float], shape: [2, 1]) && some["label"].doubles == [0, 1])
    #expect(some.notes == ["the model does not take these columns of t: x"])
    let image = try decode("1,2,3,4\n").dataset(named: "t", inputs: [("image", .uint8, [2, 2])])
    #expect(try image["image"] == HostArray([1, 2, 3, 4] as [UInt8], shape: [1, 2, 2]))
    #expect(image.notes.count == 1 && image.notes[0].contains("begins with numbers"))
    #expect(try table.dataset(named: "t", inputs: [("any", .float32, [nil])])["any"].shape == [2, 3])

    let takes =
      "The columns of t (x, label, y) are not what the model takes: 'features' (float32[n, 3]), 'labels' (int32[n])."
    expectError(.data, takes, "3 columns are left for 'features'") {
      try table.dataset(named: "t", inputs: [("features", .float32, [3]), ("labels", .int32, [])])
    }
    expectError(.data, "'points' (float32[n, 3])", "2 columns are left") {
      try table.dataset(named: "t", inputs: [("points", .float32, [3]), ("label", .int32, [])])
    }
    expectError(.data, "'points' (float32[n, any, 2])") {
      try table.dataset(named: "t", inputs: [("points", .float32, [nil, 2])])
    }
    expectError(.data, "column 'b' has the number 2.5 in row 2, which is no int32") {
      try decode("a,b\n1,2\n3,2.5\n").dataset(named: "t", inputs: [("x", .int32, [2])])
    }
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
