import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

struct DatasetTests {
  /// Row r holds 10 r and 10 r + 1, its label is r.
  private func sample(_ count: Int = 10) throws -> Dataset {
    let values = (0..<count).flatMap { [Float($0 * 10), Float($0 * 10 + 1)] }
    return try Dataset(
      name: "sample",
      columns: [
        ("x", HostArray(values, shape: [count, 2])), ("y", HostArray((0..<count).map(Int32.init))),
      ])
  }

  private func labels(_ data: Dataset) throws -> [Int32] { try data["y"].values() }

  @Test func columns() throws {
    let data = try sample()
    #expect(data.count == 10 && data.columnNames == ["x", "y"])
    #expect(data.description == "sample: 10 examples, x float32[2], y int32[]")
    expectError(.data, "no column 'z'", "x, y") { try data["z"] }
    expectError(.data, "no columns") { try Dataset(columns: []) }
    expectError(.data, "two columns named 'a'") {
      try Dataset(columns: [("a", HostArray([Float(1)])), ("a", HostArray([Float(1)]))])
    }
    expectError(.data, "scalar") { try Dataset(columns: [("a", HostArray(scalar: Float(1)))]) }
    expectError(.data, "'b' has [2]") {
      try Dataset(columns: [("a", HostArray([Float(1)])), ("b", HostArray([Float(1), 2]))])
    }
  }

  @Test func views() throws {
    let data = try sample()
    let split = try data.split(at: 7)
    #expect(try labels(split.training) == [0, 1, 2, 3, 4, 5, 6])
    #expect(try labels(split.validation) == [7, 8, 9])
    #expect(try split.validation["x"] == HostArray([70, 71, 80, 81, 90, 91] as [Float], shape: [3, 2]))
    #expect(try labels(split.validation.prefix(2)) == [7, 8])
    #expect(data.prefix(99).count == 10 && data.prefix(-1).count == 0)
    #expect(try labels(data.prefix(0)) == [])
    expectError(.invalidArgument, "10 examples", "11") { try data.split(at: 11) }
    expectError(.invalidArgument) { try data.split(at: -1) }
  }

  @Test func shufflingIsAFixedPermutation() throws {
    let data = try sample()
    let shuffled = data.shuffled(seed: 42)
    // Recorded: it must never change, or runs could not be repeated.
    #expect(try labels(shuffled) == [8, 3, 6, 5, 4, 0, 9, 2, 1, 7])
    #expect(try labels(shuffled).sorted() == labels(data))
    #expect(try labels(data.shuffled(seed: 42)) == labels(shuffled))
    #expect(try labels(data.shuffled(seed: 43)) != labels(shuffled))
    for (x, y) in zip(
      try shuffled["x"].values(as: Float.self).enumerated().filter { $0.offset % 2 == 0 }, try labels(shuffled))
    {
      #expect(x.element == Float(y * 10))
    }
    let part = try shuffled.split(at: 4).validation
    #expect(try labels(part) == Array(labels(shuffled)[4...]))
    #expect(try Set(labels(part.shuffled(seed: 1))) == Set(labels(part)))
    #expect(try labels(sample(1).shuffled(seed: 0)) == [0])
    #expect(try sample(0).shuffled(seed: 0).count == 0)
  }

  /// The values that Sebastiano Vigna's reference implementation gives for seed 1234567.
  @Test func splitMix64() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
    var counts = [0, 0, 0]
    for _ in 0..<3000 { counts[generator.number(below: 3)] += 1 }
    #expect(counts.allSatisfy { (900...1100).contains($0) })
    #expect(generator.number(below: 0) == 0 && generator.number(below: 1) == 0)
  }

  @Test func batches() throws {
    let data = try sample()
    let batches = Array(try data.batches(of: 4))
    #expect(batches.map(\.count) == [4, 4, 2])
    #expect(batches.map { $0["x"]?.shape } == [[4, 2], [4, 2], [2, 2]])
    #expect(batches.compactMap { $0["y"]?.doubles }.flatMap { $0 } == (0..<10).map(Double.init))
    #expect(batches[0]["z"] == nil)
    #expect(Array(try data.batches(of: 4, dropRemainder: true)).map(\.count) == [4, 4])
    #expect(Array(try data.batches(of: 5)).map(\.count) == [5, 5])
    #expect(Array(try data.batches(of: .max)).map(\.count) == [10])
    #expect(try data.batches(of: .max, dropRemainder: true).count == 0)
    #expect(Array(try data.prefix(0).batches(of: 3)).isEmpty)
    let shuffled = data.shuffled(seed: 5)
    #expect(try shuffled.batches(of: 3).compactMap { $0["y"]?.doubles }.flatMap { $0 } == shuffled["y"].doubles)
    expectError(.invalidArgument, "at least 1 example") { try data.batches(of: 0) }
  }

  @Test func usersFiles() throws {
    let array = try HostArray([1, 2, 3, 4] as [Float], shape: [2, 2])
    try withTemporaryFolder { folder in
      func url(_ name: String) -> URL { folder.appendingPathComponent(name) }
      try NPY.write(array, to: url("a.npy"))
      try NPZ.write([("p", array), ("q", array)], to: url("a.npz"))
      try Safetensors.write([("t", array)], to: url("a.safetensors"))
      try IDX.write(array, to: url("a.idx.gz"))
      try IDX.write(array, to: url("train-images-idx2-ubyte"))
      try AtomicFile.write(Data("u,v\n1,2\n3,4\n".utf8), to: url("a.csv"))
      #expect(try Dataset(contentsOf: url("a.npy"), column: "c")["c"] == array)
      #expect(try Dataset(contentsOf: url("a.npz")).columnNames == ["p", "q"])
      #expect(try Dataset(contentsOf: url("a.safetensors"))["t"] == array)
      for name in ["a.idx.gz", "train-images-idx2-ubyte", "a.csv"] {
        #expect(try Dataset(contentsOf: url(name))["data"] == array, "\(name)")
      }
      expectError(.data, "unknown format", "a.txt") { try Dataset(contentsOf: url("a.txt")) }
      // Without an ending, the contents say what they are.
      for name in ["a.npy", "a.idx.gz", "train-images-idx2-ubyte", "a.csv", "a.npz", "a.safetensors"] {
        let plain = url("plain-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: url(name), to: plain)
        let data = try Dataset(contentsOf: plain)
        #expect(try data[data.columnNames[0]] == array, "\(name)")
        #expect(data.columnNames.count == (name == "a.npz" ? 2 : 1), "\(name)")
      }
      try AtomicFile.write(Data([1, 0, 2]), to: url("bytes"))
      expectError(.data, "unknown format", "bytes") { try Dataset(contentsOf: url("bytes")) }
      try NPY.write(HostArray(scalar: Float(1)), to: url("s.npy"))
      expectError(.data, "scalar") { try Dataset(contentsOf: url("s.npy")) }
    }
  }
}
