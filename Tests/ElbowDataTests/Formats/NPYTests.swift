import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

struct NPYTests {
  @Test func roundTrip() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a.npy")
      for (name, array) in try sampleArrays() {
        try NPY.write(array, to: url)
        #expect(try NPY.read(contentsOf: url) == array, "\(name)")
      }
    }
  }

  @Test func headerIsAlignedAndEndsWithANewline() throws {
    let bytes = NPY.encode(HostArray([Float(1)]))
    #expect(bytes.count == 128 + 4 && bytes[127] == 0x0a)
    let text = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(text.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } "))
  }

  /// Written by NumPy 2.4.
  @Test func fortranOrderOfNumPy() throws {
    let bytes = try fixture(
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0g"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAwAAAAEA"
        + "AAAEAAAAAgAAAAUAAAA=")
    #expect(try NPY.decode(bytes) == HostArray([0, 1, 2, 3, 4, 5] as [Int32], shape: [2, 3]))
  }

  /// Written by NumPy 2.4.
  @Test func bigEndianOfNumPy() throws {
    let bytes = try fixture(
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/+AAAAAAAAMAA"
        + "AAAAAAAAQAgAAAAAAABCIqBfIAAAAA==")
    #expect(try NPY.decode(bytes) == HostArray([1.5, -2, 3, 4e10], shape: [2, 2]))
  }

  @Test func fortranOrderOfThreeAxes() throws {
    // Element [i, j, k] of shape [2, 3, 2] is stored at i + 2 j + 6 k.
    let stored = (0..<12).map(UInt8.init)
    let array = try NPY.decode(file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2)}", stored))
    #expect(array.bytes == [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11])
  }

  @Test func otherSpellings() throws {
    let one = try HostArray([UInt8(9)], shape: [1, 1])
    #expect(try NPY.decode(file(#"{"shape":(1L,1L,),"fortran_order":False,"descr":"|u1"}"#, [9])) == one)
    #expect(try NPY.decode(file("{'descr':'|u1','fortran_order':False,'shape':(1,1)}", [9], version: 2)) == one)
    #expect(try NPY.decode(file("{'descr':'|u1','fortran_order':False,'shape':()}", [9])).shape == [])
  }

  @Test func refusals() throws {
    func header(_ descriptor: String, _ shape: String) -> String {
      "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(shape), }"
    }
    expectError(.file, "NUMPY") { try NPY.decode(Array("PK345678901234".utf8)) }
    expectError(.file, "version 9.0") { try NPY.decode(file(header("|u1", "(1,)"), [1], version: 9)) }
    expectError(.file, "'<f2'", "astype") { try NPY.decode(file(header("<f2", "(1,)"), [1, 2])) }
    expectError(.file, "'|O'") { try NPY.decode(file(header("|O", "(1,)"), [1])) }
    expectError(.file, "structured") {
      try NPY.decode(file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", [1]))
    }
    expectError(.file, "12 bytes", "4 bytes follow") { try NPY.decode(file(header("<f4", "(3,)"), [1, 2, 3, 4])) }
    expectError(.file, "extent", "'-1") { try NPY.decode(file(header("<f4", "(-1,)"), [])) }
    expectError(.file, "fits 64 bits") { try NPY.decode(file(header("<f4", "(99999999999999999999,)"), [])) }
    expectError(.file, "too large") { try NPY.decode(file(header("<f8", "(4611686018427387904, 4)"), [])) }
    expectError(.file, "64 extents") {
      try NPY.decode(file(header("|u1", "(" + String(repeating: "1,", count: 65) + ")"), [1]))
    }
    expectError(.file, "keys") { try NPY.decode(file("{'descr': '|u1', 'shape': (1,)}", [1])) }
    expectError(.file, "keys") { try NPY.decode(file("{'descr': '|u1', 'descr': '|u1', 'shape': (1,)}", [1])) }
    expectError(.file, "keys", "exit") { try NPY.decode(file("{'x': exit()}", [1])) }
    expectError(.file, "end of the header") { try NPY.decode(file(header("|u1", "(1,)") + "x", [1])) }
    expectError(.file, "bool", "byte 2") { try NPY.decode(file(header("|b1", "(1,)"), [2])) }
  }

  private func file(_ header: String, _ elements: [UInt8], version: UInt8 = 1) -> [UInt8] {
    var bytes = NPY.magic + [version, 0]
    bytes.appendLittle(UInt64(header.utf8.count), version == 1 ? 2 : 4)
    return bytes + Array(header.utf8) + elements
  }
}
