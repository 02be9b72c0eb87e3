import ElbowArrays
import Testing

@testable import ElbowData

/// Every reader against files that were cut short or changed: an error is right, a trap is not.
struct HostileFileTests {
  /// A format's reader and a small whole file.
  struct Sample: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let decode: @Sendable ([UInt8]) throws -> Void
  }

  static func samples() throws -> [Sample] {
    let array = try HostArray([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    let idx = try IDX.encode(array)
    let decodeNPZ: @Sendable ([UInt8]) throws -> Void = { _ = try NPZ.decode($0) }
    return [
      Sample(testDescription: "idx", bytes: idx) { _ = try IDX.decode($0) },
      Sample(testDescription: "idx.gz", bytes: try Gzip.compress(idx)) { _ = try IDX.decode($0) },
      Sample(testDescription: "gzip", bytes: try Gzip.compress(idx)) { _ = try Gzip.decompress($0, limit: 1000) },
      Sample(testDescription: "npy", bytes: NPY.encode(array)) { _ = try NPY.decode($0) },
      Sample(
        testDescription: "npz", bytes: try NPZ.encode([("a", array), ("b", HostArray([true]))]), decode: decodeNPZ),
      Sample(testDescription: "npz, deflated", bytes: try fixture(NPZTests.numPyArchive), decode: decodeNPZ),
      Sample(
        testDescription: "safetensors", bytes: try Safetensors.encode([("a", array), ("b", HostArray([true]))])
      ) { _ = try Safetensors.decode($0) },
    ]
  }

  @Test func everyTruncationIsAnError() throws {
    for sample in try HostileFileTests.samples() {
      try sample.decode(sample.bytes)
      for count in sample.bytes.indices {
        expectError(.file) { try sample.decode(Array(sample.bytes[..<count])) }
      }
    }
  }

  @Test func everyChangedByteIsReadOrRefused() throws {
    for sample in try HostileFileTests.samples() {
      for position in sample.bytes.indices {
        for value in [0x00, 0x01, 0x22, 0x2d, 0x30, 0x39, 0x5b, 0x7f, 0x80, 0xff] as [UInt8] {
          var bytes = sample.bytes
          bytes[position] = value
          attempt(sample, bytes)
        }
      }
    }
  }

  @Test func randomChangesAreReadOrRefused() throws {
    var generator = SplitMix64(seed: 7)
    for sample in try HostileFileTests.samples() {
      for _ in 0..<2000 {
        var bytes = sample.bytes
        for _ in 0..<1 + generator.number(below: 6) {
          bytes[generator.number(below: bytes.count)] = UInt8(truncatingIfNeeded: generator.next())
        }
        attempt(sample, bytes)
      }
    }
  }

  /// CSV has no length to check, so that a truncated file may be a shorter table.
  @Test func everyTableIsReadOrRefused() {
    let whole = Array("a,\"b\"\n1,\"2\"\r\n?,3\n".utf8)
    let strict = Sample(testDescription: "csv", bytes: whole) { _ = try CSV.decode($0) }
    let patient = Sample(testDescription: "csv without rows that lack numbers", bytes: whole) {
      _ = try CSV.decode($0, missing: .dropRow)
    }
    var generator = SplitMix64(seed: 8)
    for count in 0...whole.count { attempt(strict, Array(whole[..<count])) }
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<3 { bytes[generator.number(below: bytes.count)] = UInt8(truncatingIfNeeded: generator.next()) }
      attempt(patient, bytes)
    }
  }

  private func attempt(_ sample: Sample, _ bytes: [UInt8]) {
    do {
      try sample.decode(bytes)
    } catch let error as ElbowError {
      if error.kind != .file { Issue.record("\(sample.testDescription): \(error)") }
    } catch {
      Issue.record("\(sample.testDescription): \(error)")
    }
  }
}
