import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

struct SafetensorsTests {
  @Test func roundTrip() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a.safetensors")
      let arrays = try sampleArrays() + [("größe \"\\/\n\u{1}🙂", HostArray([UInt8(1)]))]
      let metadata = ["format": "elbow", "": "line\nand \"quote\""]
      try Safetensors.write(arrays, metadata: metadata, to: url)
      let read = try Safetensors.read(contentsOf: url)
      #expect(read.metadata == metadata)
      #expect(Dictionary(uniqueKeysWithValues: read.tensors) == Dictionary(uniqueKeysWithValues: arrays))
      // Wide elements first, so that each is aligned.
      #expect(read.tensors.map { $0.array.dtype.byteCount } == [8, 8, 4, 4, 4, 4, 1, 1, 1])

      let bytes = try FileContents.read(url)
      #expect(bytes[0] % 8 == 0)
      #expect(try Safetensors.encode(arrays, metadata: metadata) == bytes)
    }
    let none = try Safetensors.decode(Safetensors.encode([]))
    #expect(none.tensors.isEmpty && none.metadata.isEmpty)
  }

  /// Written by the Python package safetensors.
  @Test func fileOfTheReference() throws {
    let bytes = try fixture(
      "2AAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCJ9LCJ3ZWlnaHRzIjp7ImR0eXBlIjoiRjMyIiwic2hh"
        + "cGUiOlsyLDNdLCJkYXRhX29mZnNldHMiOlswLDI0XX0sImdyw7bDn2UiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbM10s"
        + "ImRhdGFfb2Zmc2V0cyI6WzI0LDI3XX0sImZsYWciOnsiZHR5cGUiOiJCT09MIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZz"
        + "ZXRzIjpbMjcsMjhdfX0gICAAAAAAAACAPwAAAEAAAEBAAACAQAAAoEABAgMB")
    let (tensors, metadata, _) = try Safetensors.decode(bytes)
    #expect(metadata == ["format": "np"])
    #expect(tensors.map(\.name) == ["weights", "größe", "flag"])
    #expect(try tensors[0].array == HostArray([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3]))
    #expect(tensors[1].array == HostArray([UInt8(1), 2, 3]))
    #expect(tensors[2].array == HostArray([true]))
  }

  /// Tensors that no array can hold do not keep the others from being read.
  @Test func otherDTypesArePassedOver() throws {
    let header =
      #"{"a":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"U8","shape":[2],"#
      + #""data_offsets":[6,8]},"c":{"dtype":"F8_E4M3","shape":[],"data_offsets":[8,9]}}"#
    var bytes: [UInt8] = []
    bytes.appendLittle(UInt64(header.utf8.count), 8)
    let (tensors, _, unsupported) = try Safetensors.decode(bytes + Array(header.utf8) + [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(tensors.map(\.name) == ["b"] && tensors[0].array == HostArray([UInt8(7), 8]))
    #expect(unsupported == ["a": "BF16", "c": "F8_E4M3"])
  }

  @Test func refusals() throws {
    func line(_ dtype: String, _ shape: String, _ offsets: String) -> String {
      #"{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}"#
    }
    func decode(_ header: String, _ count: Int) throws -> Safetensors.Contents {
      var bytes: [UInt8] = []
      bytes.appendLittle(UInt64(header.utf8.count), 8)
      return try Safetensors.decode(
        bytes + Array(header.utf8) + [UInt8](repeating: 0, count: count), named: "a.safetensors")
    }
    #expect(try decode("{\"a\":\(line("F32", "[1]", "[0,4]"))}  ", 4).tensors.count == 1)
    expectError(.file, "a.safetensors", "only 3 bytes follow") {
      try decode("{\"a\":\(line("F32", "[1]", "[0,4]"))}", 3)
    }
    expectError(.file, "belong to no tensor") { try decode("{\"a\":\(line("F32", "[1]", "[0,4]"))}", 5) }
    expectError(.file, "takes 4 bytes", "0 and 8") { try decode("{\"a\":\(line("F32", "[1]", "[0,8]"))}", 8) }
    expectError(.file, "offsets are 4 and 0") { try decode("{\"a\":\(line("F32", "[1]", "[4,0]"))}", 4) }
    expectError(.file, "offsets are -4 and 0") { try decode("{\"a\":\(line("F32", "[1]", "[-4,0]"))}", 4) }
    expectError(.file, "offsets") {
      try decode("{\"a\":\(line("F32", "[1]", "[-9223372036854775808,9223372036854775807]"))}", 4)
    }
    expectError(.file, "overlaps") {
      try decode("{\"a\":\(line("U8", "[4]", "[0,4]")),\"b\":\(line("U8", "[3]", "[2,5]"))}", 5)
    }
    expectError(.file, "unused bytes") {
      try decode("{\"a\":\(line("U8", "[4]", "[0,4]")),\"b\":\(line("U8", "[1]", "[5,6]"))}", 6)
    }
    expectError(.file, "only 1 bytes follow") { try decode("{\"a\":\(line("BF16", "[1]", "[0,2]"))}", 1) }
    expectError(.file, "negative extent") { try decode("{\"a\":\(line("U8", "[-1]", "[0,1]"))}", 1) }
    expectError(.file, "too large") { try decode("{\"a\":\(line("F32", "[4611686018427387904,4]", "[0,1]"))}", 1) }
    expectError(.file, "3 data offsets") { try decode("{\"a\":\(line("U8", "[1]", "[0,1,1]"))}", 1) }
    expectError(.file, "header that is not valid") { try decode("{\"a\":\(line("U8", "[1.5]", "[0,1]"))}", 1) }
    expectError(.file, "header that is not valid") { try decode("{\"a\":{}}", 1) }
    expectError(.file, "header that is not valid") { try decode(String(repeating: "{\"a\":", count: 100_000), 1) }
    expectError(.file, "JSON object") { try decode("[]", 0) }
    expectError(.file, "bool") {
      var bytes = try Safetensors.encode([("a", HostArray([true]))])
      bytes[bytes.count - 1] = 7
      return try Safetensors.decode(bytes)
    }
    expectError(.file, "at most 100000000") { try Safetensors.decode([UInt8](repeating: 0xff, count: 20)) }
    let scalar = HostArray(scalar: Float(1))
    expectError(.invalidArgument, "'a'") { try Safetensors.encode([("a", scalar), ("a", scalar)]) }
    expectError(.invalidArgument, "__metadata__") { try Safetensors.encode([("__metadata__", scalar)]) }
  }
}
