import ElbowArrays
import ElbowData
import Foundation
import Synchronization
import Testing

@Suite struct DataPipelineTests {
  private let data: Dataset

  init() throws { data = try Dataset(name: "numbers", columns: [("x", HostArray((0..<10).map { Float($0) }))]) }

  private func values(_ pipeline: DataPipeline, epoch: Int = 1, from start: Int = 0) throws -> [[Double]] {
    var stream = try pipeline.batches(inEpoch: epoch, from: start)
    var result: [[Double]] = []
    while let batch = try stream.next() { result.append(batch["x"]?.doubles ?? []) }
    return result
  }

  @Test func cutsBatches() throws {
    let kept = try DataPipeline(data, batchSize: 4)
    #expect(try values(kept) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    #expect(kept.batchCount == 3 && kept.exampleCount == 10)
    let dropped = try DataPipeline(data, batchSize: 4, dropRemainder: true)
    #expect(try values(dropped) == [[0, 1, 2, 3], [4, 5, 6, 7]])
    #expect(dropped.batchCount == 2 && dropped.exampleCount == 8)
    #expect(try values(kept, from: 2) == [[8, 9]])
    #expect(try values(DataPipeline(data, batchSize: 100)) == [(0..<10).map(Double.init)])
  }

  @Test func shufflesEachEpochAnew() throws {
    let pipeline = try DataPipeline(data, batchSize: 10).shuffled(seed: 3)
    let (first, second) = (try values(pipeline, epoch: 1)[0], try values(pipeline, epoch: 2)[0])
    #expect(first != second)
    #expect(first.sorted() == second.sorted())
    #expect(try values(pipeline, epoch: 1)[0] == first)
    #expect(try values(pipeline.shuffled(seed: 4), epoch: 1)[0] == second)
  }

  /// An example can come any number of places later, but at most the buffer's size less one earlier.
  @Test(arguments: [1, 2, 5, 10, 1000])
  func aBufferBoundsHowFarExamplesMove(size: Int) throws {
    var isMoved = false
    for seed in 0..<20 as Range<UInt64> {
      let order = try data.shuffled(bufferSize: size, seed: seed)["x"].doubles
      #expect(order.sorted() == (0..<10).map(Double.init))
      for (place, value) in order.enumerated() { #expect(Int(value) - place < size) }
      isMoved = isMoved || order != order.sorted()
    }
    #expect(isMoved == (size > 1))
  }

  /// Each of the buffer's examples is the first as often as the others.
  @Test func aBufferIsFair() throws {
    var counts = [Int](repeating: 0, count: 10)
    for seed in 0..<4000 as Range<UInt64> {
      counts[Int(try data.shuffled(bufferSize: 4, seed: seed)["x"].doubles[0])] += 1
    }
    // A thousand each, with a standard deviation of 27.
    for count in counts[..<4] { #expect(abs(count - 1000) < 140) }
    #expect(counts[4...].allSatisfy { $0 == 0 })
  }

  @Test func mapsAndFetchesAhead() throws {
    let noisy = try DataPipeline(data, batchSize: 3).shuffled(seed: 1).mapped { batch, random in
      let shift = Float(random.next() % 100)
      let values: [Float] = try batch.columns[0].array.values()
      return try Batch([("x", HostArray(values.map { $0 + 100 * shift }))])
    }
    #expect(!noisy.isPlain)
    let expected = try values(noisy, epoch: 2)
    #expect(Set(expected.map { Int($0[0]) / 100 }).count > 1)
    #expect(try values(noisy, epoch: 2, from: 2) == [[Double]](expected[2...]))
    for count in [1, 2, 50] { #expect(try values(noisy.prefetched(count), epoch: 2) == expected) }
  }

  /// No more than asked for is made ahead, and a stream that is let go of ends its thread.
  @Test func fetchingAheadIsBounded() throws {
    final class Counter: Sendable { let made = Atomic<Int>(0) }
    let counter = Counter()
    var stream: BatchStream? = try DataPipeline(data, batchSize: 1).mapped { batch, _ in
      counter.made.add(1, ordering: .relaxed)
      return batch
    }.prefetched(2).batches(inEpoch: 1)
    _ = try stream?.next()
    Thread.sleep(forTimeInterval: 0.1)
    #expect((2...4).contains(counter.made.load(ordering: .relaxed)))
    stream = nil
    Thread.sleep(forTimeInterval: 0.1)
    #expect(counter.made.load(ordering: .relaxed) <= 5)
  }

  @Test(arguments: [0, 2]) func passesOnErrors(ahead: Int) throws {
    let pipeline = try DataPipeline(data, batchSize: 4).mapped { batch, _ in
      if batch.count < 4 { throw ElbowError(.data, "too small") }
      return batch
    }.prefetched(ahead)
    var stream = try pipeline.batches(inEpoch: 1)
    _ = try stream.next()
    _ = try stream.next()
    let error = #expect(throws: ElbowError.self) { try stream.next() }
    #expect(error?.message == "too small")
  }

  @Test func mistakes() throws {
    func message(_ body: () throws -> Void) -> String {
      #expect(throws: ElbowError.self, performing: body)?.message ?? ""
    }
    #expect(
      message { _ = try DataPipeline(data, batchSize: 0) } == "A batch needs at least 1 example, not 0.")
    #expect(
      message { _ = try DataPipeline(data.prefix(0), batchSize: 2) }
        == "The data set numbers has no examples to make batches of.")
    #expect(
      message { _ = try DataPipeline(data, batchSize: 11, dropRemainder: true) }
        == "The data set numbers has 10 examples, less than a batch of 11, and smaller batches are dropped: nothing would be "
        + "left. Choose a smaller batch size, or keep the remainder.")
    #expect(message { _ = try Batch([]) } == "The data set of a batch has no columns.")
  }
}
