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
}
