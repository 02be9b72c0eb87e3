import ElbowArrays
import Testing

@testable import ElbowData

struct GzipTests {
  @Test(arguments: [0, 1, 1000, 300_000]) func roundTrip(count: Int) throws {
    var generator = SplitMix64(seed: 1)
    let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() & 0x3f) }
    #expect(try Gzip.decompress(Gzip.compress(bytes), limit: count) == bytes)
  }

  @Test func membersAreJoined() throws {
    let joined = try Gzip.compress([1, 2]) + Gzip.compress([3]) + [0, 0, 0]
    #expect(try Gzip.decompress(joined, limit: 3) == [1, 2, 3])
    expectError(.file, "damaged") { try Gzip.decompress(Gzip.compress([1]) + [9, 9, 9, 9], limit: 10) }
  }

  @Test func bombIsStoppedAtTheLimit() throws {
    let bomb = try Gzip.compress([UInt8](repeating: 0, count: 4 << 20))
    #expect(bomb.count < 10_000)
    expectError(.file, "more than the 1000 bytes") { try Gzip.decompress(bomb, limit: 1000) }
    expectError(.file, "more than the 0 bytes") { try Gzip.decompress(bomb, limit: -1) }
    #expect(try Gzip.decompress(bomb, limit: .max).count == 4 << 20)
    #expect(try Gzip.prefix(bomb, count: 10, named: "bomb") == [UInt8](repeating: 0, count: 10))
  }

  @Test func damage() throws {
    var bytes = try Gzip.compress(Array("something to compress".utf8))
    expectError(.file, "1f 8b") { try Gzip.decompress([1, 2, 3], limit: 10) }
    bytes[bytes.count - 6] ^= 1
    expectError(.file, "damaged", "data check") { try Gzip.decompress(bytes, limit: 100) }
  }
}
