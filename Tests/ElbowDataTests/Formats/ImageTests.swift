import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

struct ImageTests {
  @Test func greyAndRGB() throws {
    let grey = try PNG.encode(HostArray([0, 128, 255, 1, 2, 3] as [UInt8], shape: [2, 3]))
    // Signature, then IHDR: width 3, height 2, 8 bits, colour type 0.
    #expect(grey.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
    #expect(Array(grey[16..<26]) == [0, 0, 0, 3, 0, 0, 0, 2, 8, 0])
    #expect(Array(grey.suffix(8).prefix(4)) == Array("IEND".utf8))
    let colour = try PNG.encode(HostArray(zeros: [2, 3, 3], dtype: .uint8))
    #expect(Array(colour[16..<26]) == [0, 0, 0, 3, 0, 0, 0, 2, 8, 2])
    expectError(.shape, "float32[2, 3]") { try PNG.encode(HostArray(zeros: [2, 3])) }
    expectError(.shape, "uint8[2, 3, 4]") { try PNG.encode(HostArray(zeros: [2, 3, 4], dtype: .uint8)) }
    expectError(.shape, "[0, 3]") { try PNG.encode(HostArray(zeros: [0, 3], dtype: .uint8)) }
  }

  @Test func sheet() throws {
    let images = try HostArray([1, 2, 3, 4, 5, 6] as [UInt8], shape: [3, 1, 2])
    let sheet = try ImageSheet(images: images, columns: 2, margin: 1, background: 9).pixels
    #expect(sheet.shape == [5, 7])
    #expect(
      sheet.bytes == [
        9, 9, 9, 9, 9, 9, 9,
        9, 1, 2, 9, 3, 4, 9,
        9, 9, 9, 9, 9, 9, 9,
        9, 5, 6, 9, 9, 9, 9,
        9, 9, 9, 9, 9, 9, 9,
      ])
  }

  @Test func reconstructionsLieBelow() throws {
    let originals = try HostArray([10, 20, 30] as [UInt8], shape: [3, 1, 1])
    let reconstructions = try HostArray([0, 0.2, 1] as [Float], shape: [3, 1, 1])
    let sheet = try ImageSheet(originals: originals, reconstructions: reconstructions, columns: 2).pixels
    let inner = [1, 3, 5, 7].map { row in [1, 3].map { sheet.bytes[row * 5 + $0] } }
    #expect(sheet.shape == [9, 5] && inner == [[10, 20], [0, 51], [30, 64], [255, 64]])
    // A channel's own axis makes no difference.
    let withChannel = try HostArray([0, 0.2, 1] as [Float], shape: [3, 1, 1, 1])
    #expect(try ImageSheet(originals: originals, reconstructions: withChannel, columns: 2).pixels == sheet)
    expectError(.shape, "uint8[3, 1, 1] and float32[2, 1, 1]") {
      try ImageSheet(originals: originals, reconstructions: HostArray(zeros: [2, 1, 1]))
    }
    let none = try HostArray(zeros: [0, 1, 1], dtype: .uint8)
    expectError(.shape, "at least one image") { try ImageSheet(originals: none, reconstructions: none) }
  }

  @Test func sheetOfFloats() throws {
    let images = try HostArray([-1, 0, 0.5, 1, 7, Float.nan], shape: [1, 2, 3])
    #expect(try ImageSheet(images: images, margin: 0).pixels.bytes == [0, 0, 128, 255, 255, 0])
    let colour = try HostArray([Double](repeating: 1, count: 4 * 3), shape: [4, 1, 1, 3])
    #expect(
      try ImageSheet(images: colour, margin: 0).pixels
        == HostArray([UInt8](repeating: 255, count: 12), shape: [2, 2, 3]))
    expectError(.dtype, "int32") { try ImageSheet(images: HostArray(zeros: [1, 2, 3], dtype: .int32)) }
    expectError(.shape, "[2, 3]") { try ImageSheet(images: HostArray(zeros: [2, 3])) }
    expectError(.invalidArgument, "column") { try ImageSheet(images: images, columns: 0) }
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("sheet.png")
      let sheet = try ImageSheet(images: images)
      try sheet.write(to: url)
      #expect(try FileContents.read(url) == PNG.encode(sheet.pixels))
    }
  }
}
