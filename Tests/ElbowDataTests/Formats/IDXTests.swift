import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

struct IDXTests {
  @Test(arguments: ["a.idx", "a.idx.gz"]) func roundTrip(name: String) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent(name)
      for (_, array) in try sampleArrays() where [.float32, .float64, .int32, .uint8].contains(array.dtype) {
        try IDX.write(array, to: url)
        #expect(try IDX.read(contentsOf: url) == array)
      }
    }
  }

  @Test func layout() throws {
    #expect(try IDX.encode(HostArray([Int32(258)])) == [0, 0, 0x0c, 1, 0, 0, 0, 1, 0, 0, 1, 2])
  }

  @Test func refusals() throws {
    expectError(.file, "two zero bytes", "1 2 8 1") { try IDX.decode([1, 2, 8, 1, 0, 0, 0, 0]) }
    expectError(.file, "code 0x9") { try IDX.decode([0, 0, 9, 1, 0, 0, 0, 0]) }
    expectError(.file, "shape [2]", "1 bytes follow") { try IDX.decode([0, 0, 8, 1, 0, 0, 0, 2, 5]) }
    expectError(.file, "3 bytes follow") { try IDX.decode([0, 0, 8, 1, 0, 0, 0, 2, 5, 6, 7]) }
    expectError(.file, "too large") { try IDX.decode([0, 0, 8, 4] + [UInt8](repeating: 0xff, count: 16)) }
    expectError(.dtype, "int64") { try IDX.encode(HostArray([Int64(1)])) }
    expectError(.file, "No such file") { try IDX.read(contentsOf: URL(fileURLWithPath: "/nonexistent/a.idx")) }
    expectError(.file, "regular file") { try IDX.read(contentsOf: URL(fileURLWithPath: "/")) }
    expectError(.file, "regular file") { try IDX.read(contentsOf: URL(fileURLWithPath: "/dev/zero")) }
  }

  @Test func compressedFileThatLiesAboutItsSize() throws {
    let header: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2]
    let bomb = try Gzip.compress(header + [UInt8](repeating: 0, count: 1 << 20))
    expectError(.file, "more than the 10 bytes") { try IDX.decode(bomb) }
    let short = try Gzip.compress(header + [1])
    expectError(.file, "1 bytes follow") { try IDX.decode(short) }
    let vast = try Gzip.compress([0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff, 1])
    expectError(.file, "compressed bytes can hold") { try IDX.decode(vast) }
  }
}
