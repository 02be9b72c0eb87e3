import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

struct NPZTests {
  @Test func roundTrip() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a.npz")
      let arrays = try sampleArrays() + [("größe/β", HostArray([UInt8(1)]))]
      try NPZ.write(arrays, to: url)
      let read = try NPZ.contents(of: url).arrays
      #expect(read.map(\.name) == arrays.map(\.name))
      #expect(read.map(\.array) == arrays.map(\.array))
      #expect(try NPZ.read(contentsOf: url).count == arrays.count)
      #expect(try NPZ.encode(arrays) == FileContents.read(url))
      try NPZ.write([], to: url)
      #expect(try NPZ.contents(of: url).arrays.isEmpty)
    }
  }

  /// Written by NumPy 2.4: deflated, with the zip64 fields that it puts into local headers only.
  static let numPyArchive =
    "UEsDBC0AAAAIAAAAIQBP6QAq//////////8JABQAZmlyc3QubnB5AQAQAJgAAAAAAAAAVQAAAAAAAACb7BfqGxDJyFDG"
    + "UK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgrGmjoKtQpkAy4GMGiwBxIOQATE"
    + "DUC8wAEAUEsDBC0AAAAIAAAAIQDuGbtd//////////8KABQAc2Vjb25kLm5weQEAEACCAAAAAAAAAEYAAAAAAAAAm+wX"
    + "6hsQychQxlCtnpJanFykbqWgXpNkqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjqaOgq1ChQALkYGAFBL"
    + "AQItAy0AAAAIAAAAIQBP6QAqVQAAAJgAAAAJAAAAAAAAAAAAAACAAQAAAABmaXJzdC5ucHlQSwECLQMtAAAACAAAACEA"
    + "7hm7XUYAAACCAAAACgAAAAAAAAAAAAAAgAGQAAAAc2Vjb25kLm5weVBLBQYAAAAAAgACAG8AAAASAQAAAAA="

  @Test func archiveOfNumPy() throws {
    let arrays = try NPZ.decode(fixture(NPZTests.numPyArchive)).arrays
    #expect(arrays.map(\.name) == ["first", "second"])
    #expect(try arrays[0].array == HostArray([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3]))
    #expect(arrays[1].array == HostArray([true, false]))
  }

  /// Arrays that no other can hold, such as those of float16, do not keep the others from being read.
  @Test func otherTypesArePassedOver() throws {
    let array = HostArray([1, 2] as [Float])
    var bytes = NPY.encode(HostArray([1, 2] as [Int32]))
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: "<i4".utf8) })
    // As NumPy calls float16.
    bytes.replaceSubrange(start..<start + 3, with: Array("<f2".utf8))
    var writer = ZipWriter()
    try writer.append("half.npy", bytes)
    try writer.append("whole.npy", NPY.encode(array))
    let (arrays, unsupported) = try NPZ.decode(writer.finished())
    #expect(arrays.map(\.name) == ["whole"] && arrays[0].array == array && unsupported == ["half": "<f2"])
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a.npz")
      try AtomicFile.write(writer.finished(), to: url)
      let data = try Dataset(contentsOf: url)
      #expect(data.columnNames == ["whole"])
      #expect(data.notes == ["these arrays of a.npz are left out, for no column can have their type: 'half' (<f2)"])
      try AtomicFile.write(NPZ.encode([]), to: url)
      expectError(.data, "has no columns") { try Dataset(contentsOf: url) }
    }
    expectError(.file, "the NumPy type '<f2'") { try NPY.decode(bytes) }
  }

  @Test func limits() throws {
    let bytes = try fixture(NPZTests.numPyArchive)
    expectError(.file, "expands to 282 bytes", "281 bytes allowed") { try NPZ.decode(bytes, limit: 281) }
    // A directory that announces 4 GiB for 85 bytes is refused before anything is allocated.
    var lying = bytes
    let size = directory(bytes) + 24
    lying.replaceSubrange(size..<size + 4, with: [0xfe, 0xff, 0xff, 0xff])
    expectError(.file, "compressed bytes can hold") { try NPZ.decode(lying) }
    lying.replaceSubrange(size..<size + 4, with: [0x97, 0, 0, 0])
    expectError(.file, "more than the 151 bytes") { try NPZ.decode(lying) }
    lying.replaceSubrange(size..<size + 4, with: [0x99, 0, 0, 0])
    expectError(.file, "announces 153 bytes but holds 152") { try NPZ.decode(lying) }
  }

  @Test func refusals() throws {
    let bytes = try fixture(NPZTests.numPyArchive)
    func changed(_ offset: Int, _ new: [UInt8]) throws -> NPZ.Contents {
      var copy = bytes
      copy.replaceSubrange(offset..<offset + new.count, with: new)
      return try NPZ.decode(copy, named: "a.npz")
    }
    let entry = directory(bytes)
    let second = entry + 46 + "first.npy".utf8.count
    expectError(.file, "a.npz", "zip archive", "'PK'") { try changed(0, [0]) }
    expectError(.file, "encrypted", "first.npy") { try changed(entry + 8, [1]) }
    expectError(.file, "method 12") { try changed(entry + 10, [12]) }
    expectError(.file, "CRC") { try changed(entry + 16, [0]) }
    expectError(.file, "zip64") { try changed(entry + 20, [0xff, 0xff, 0xff, 0xff]) }
    expectError(.file, "zip64") { try changed(bytes.count - 6, [0xff, 0xff, 0xff, 0xff]) }
    expectError(.file, "overlapping") { try changed(second + 42, [0]) }
    expectError(.file, "several files") { try changed(bytes.count - 18, [1]) }
    expectError(.file, "does not end at byte") { try changed(bytes.count - 10, [0x6e]) }
    expectError(.file, "'first.nqy'", ".npy") { try changed(entry + 46 + 7, Array("q".utf8)) }
    expectError(.file, "does not begin at byte 1") { try changed(entry + 42, [1]) }
    expectError(.invalidArgument, "'a.npy'") {
      try NPZ.encode([("a", HostArray(scalar: Float(1))), ("a", HostArray(scalar: Float(1)))])
    }
  }

  /// Where the central directory begins.
  private func directory(_ bytes: [UInt8]) -> Int {
    Int(bytes[bytes.count - 6]) + Int(bytes[bytes.count - 5]) << 8
  }
}
