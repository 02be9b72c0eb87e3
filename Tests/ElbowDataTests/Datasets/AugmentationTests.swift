import ElbowArrays
import ElbowData
import Testing

/// Images that are mirrored and cut out at random.
struct AugmentationTests {
  /// Three images of 2 x 3 pixels with two channels, all bytes distinct but 0.
  private let data: Dataset
  private let images: [UInt8] = (1...36).map { $0 }

  init() throws {
    data = try Dataset(
      name: "pictures",
      columns: [("images", HostArray(images, shape: [3, 2, 3, 2])), ("labels", HostArray([0, 1, 2] as [Int32]))])
  }

  private func batches(_ pipeline: DataPipeline, epoch: Int = 1) throws -> [Batch] {
    var stream = try pipeline.batches(inEpoch: epoch)
    var result: [Batch] = []
    while let batch = try stream.next() { result.append(batch) }
    return result
  }

  private func bytes(_ pipeline: DataPipeline, epoch: Int = 1) throws -> [UInt8] {
    try batches(pipeline, epoch: epoch).flatMap { $0["images"]?.bytes ?? [] }
  }

  /// An image of the data set: the bytes of a pixel, nil outside.
  private func pixel(_ image: Int, _ row: Int, _ column: Int) -> [UInt8] {
    guard (0..<2).contains(row), (0..<3).contains(column) else { return [0, 0] }
    let start = ((image * 2 + row) * 3 + column) * 2
    return [UInt8](images[start..<start + 2])
  }

  private func window(_ image: Int, rows: Range<Int>, columns: some Sequence<Int>) -> [UInt8] {
    rows.flatMap { row in columns.flatMap { pixel(image, row, $0) } }
  }

  @Test func mirroring() throws {
    let plain = try DataPipeline(data, batchSize: 2)
    #expect(try bytes(plain.randomlyFlipped(probability: 0)) == images)
    let mirrored = (0..<3).flatMap { window($0, rows: 0..<2, columns: [2, 1, 0]) }
    #expect(try bytes(plain.randomlyFlipped(probability: 1)) == mirrored)
    // Each image by itself, another way each epoch, and labels stay.
    let some = try plain.randomlyFlipped()
    var seen: [Set<[UInt8]>] = [[], [], []]
    for epoch in 1...40 {
      let found = try bytes(some, epoch: epoch)
      for image in 0..<3 { seen[image].insert([UInt8](found[image * 12..<(image + 1) * 12])) }
      #expect(try bytes(some, epoch: epoch) == found)
    }
    for image in 0..<3 {
      #expect(
        seen[image] == [window(image, rows: 0..<2, columns: 0..<3), window(image, rows: 0..<2, columns: [2, 1, 0])])
    }
    #expect(try batches(some).map { $0["labels"]?.doubles } == [[0, 1], [2]])
  }

  /// All places that a window can have come up, and no other.
  @Test func shifting() throws {
    let shifted = try DataPipeline(data, batchSize: 3).randomlyCropped(padding: 1)
    let expected = Set(
      (-1...1).flatMap { row in (-1...1).map { window(1, rows: row..<row + 2, columns: $0..<$0 + 3) } })
    var seen: Set<[UInt8]> = []
    for epoch in 1...200 { seen.insert([UInt8](try bytes(shifted, epoch: epoch)[12..<24])) }
    #expect(seen == expected && seen.count == 9)
  }

  @Test func cutting() throws {
    let cut = try DataPipeline(data, batchSize: 3).randomlyCropped(to: (height: 1, width: 2))
    #expect(try batches(cut)[0]["images"]?.shape == [3, 1, 2, 2])
    let expected = Set((0...1).flatMap { row in (0...1).map { window(2, rows: row..<row + 1, columns: $0..<$0 + 2) } })
    var seen: Set<[UInt8]> = []
    for epoch in 1...100 { seen.insert([UInt8](try bytes(cut, epoch: epoch)[8..<12])) }
    #expect(seen == expected)
  }

  /// The seed is that of the pipeline; a thread that makes batches ahead makes the same.
  @Test func theSameForAnyThreads() throws {
    let pipeline = try DataPipeline(data, batchSize: 1).shuffled(seed: 5).randomlyFlipped().randomlyCropped(padding: 2)
    let expected = try (1...10).map { try bytes(pipeline, epoch: $0) }
    for ahead in [1, 4] { #expect(try (1...10).map { try bytes(pipeline.prefetched(ahead), epoch: $0) } == expected) }
    let other = try DataPipeline(data, batchSize: 1).shuffled(seed: 6).randomlyFlipped().randomlyCropped(padding: 2)
    #expect(try (1...10).map { try bytes(other, epoch: $0) } != expected)
  }

  /// Elements of several bytes are moved whole; what a checkpoint compares tells paddings apart.
  @Test func otherTypesAndWords() throws {
    let floats = try Dataset(columns: [("x", HostArray([1, 2, 3, 4] as [Float], shape: [1, 1, 4]))])
    let mirrored = try DataPipeline(floats, batchSize: 1).randomlyFlipped("x", probability: 1)
    #expect(try batches(mirrored)[0]["x"]?.doubles == [4, 3, 2, 1])
    let descriptions = try [0, 1].map {
      try DataPipeline(floats, batchSize: 1).randomlyCropped("x", padding: $0).description
    }
    #expect(descriptions[0].hasSuffix(", 1 transformations, 'x' cropped to all of it with padding 0"))
    #expect(descriptions[0] != descriptions[1])
  }

  @Test func mistakes() throws {
    let plain = try DataPipeline(data, batchSize: 3)
    expectError(.invalidArgument, "with a probability from 0 to 1, not 1.5.") {
      try plain.randomlyFlipped(probability: 1.5)
    }
    expectError(.invalidArgument, "not -1.") { try plain.randomlyCropped(padding: -1) }
    expectError(.invalidArgument, "for a part of 0 x 2.") { try plain.randomlyCropped(to: (0, 2)) }
    expectError(.data, "The batches have no column 'pixels' with images; they have 'images', 'labels'.") {
      try batches(plain.randomlyFlipped("pixels"))
    }
    expectError(.data, "The column 'labels' is int32[3]; expected images,") {
      try batches(plain.randomlyFlipped("labels"))
    }
    expectError(.data, "are 2 x 3, with 1 pixels around them less than the 5 x 2") {
      try batches(plain.randomlyCropped(to: (5, 2), padding: 1))
    }
  }
}
