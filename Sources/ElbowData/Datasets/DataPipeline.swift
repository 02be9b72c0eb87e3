import ElbowArrays

/// How the examples of a data set become batches, epoch after epoch: shuffled, cut, mapped, and fetched ahead, always in this
/// order, as a chain of `tf.data` has them.
///
/// ```swift
/// let digits = try DataPipeline(split.training, batchSize: 256)
///   .shuffled(bufferSize: 10_000, seed: 1)
///   .mapped { batch, random in try binarized(batch, &random) }
///   .prefetched(2)
/// ```
///
/// The batches of an epoch depend on the data, these settings and the number of the epoch alone, so that training can go on
/// in the middle of one.
public struct DataPipeline: Sendable {
  /// A change to a batch; the generator is seeded for this batch.
  public typealias Transformation = @Sendable (_ batch: Batch, _ random: inout SplitMix64) throws -> Batch

  /// The data set that batches are taken from.
  public let dataset: Dataset
  /// The examples in a batch.
  public let batchSize: Int
  /// Whether the last batch of an epoch is left out when it is smaller than the others.
  public let dropsRemainder: Bool
  /// Of the order of the examples, and of what transformations draw.
  public private(set) var seed: UInt64 = 0
  /// How many batches are made ahead of time, on a thread of their own; 0 for none.
  public private(set) var prefetchCount = 0

  private var bufferSize = 1
  /// Each with the words that tell it from others, if there are any.
  private var transformations: [(words: String?, apply: Transformation)] = []

  /// The examples in batches, in their own order.
  ///
  /// - Parameters:
  ///   - batchSize: The examples in a batch; above the number of examples, an epoch is one batch of all.
  ///   - dropRemainder: Whether to leave out the last batch when it is smaller than the others.
  /// - Throws: ``ElbowError`` when the batch size is not positive, or there would be no batch at all.
  public init(_ dataset: Dataset, batchSize: Int, dropRemainder: Bool = false) throws {
    try namingTheCallersLine { try DataPipeline.check(dataset, batchSize, dropRemainder) }
    self.dataset = dataset
    self.batchSize = batchSize
    dropsRemainder = dropRemainder
  }

  private static func check(_ dataset: Dataset, _ batchSize: Int, _ dropRemainder: Bool) throws {
    guard batchSize > 0 else {
      throw ElbowError(.invalidArgument, "A batch needs at least 1 example, not \(batchSize).")
    }
    guard dataset.count > 0 else {
      throw ElbowError(.data, "The data set \(dataset.name) has no examples to make batches of.")
    }
    guard !dropRemainder || dataset.count >= batchSize else {
      throw ElbowError(
        .data,
        "The data set \(dataset.name) has \(dataset.count) examples, less than a batch of \(batchSize), and smaller batches are "
          + "dropped: nothing would be left. Choose a smaller batch size, or keep the remainder.")
    }
  }

  /// The same, with the examples of each epoch in another order: see ``Dataset/shuffled(bufferSize:seed:)``.
  ///
  /// - Parameter bufferSize: From how many examples the next one is drawn; nil for all.
  public func shuffled(bufferSize: Int? = nil, seed: UInt64) -> DataPipeline {
    var result = self
    result.bufferSize = max(bufferSize ?? .max, 1)
    result.seed = seed
    return result
  }

  /// The same, with each batch as the function gives it.
  public func mapped(_ transformation: @escaping Transformation) -> DataPipeline {
    mapped(nil, transformation)
  }

  /// The same, with each batch as a function gives it that words tell from others.
  func mapped(_ words: String?, _ transformation: @escaping Transformation) -> DataPipeline {
    var result = self
    result.transformations.append((words, transformation))
    return result
  }

  /// The same, with up to `count` batches made ahead of time by another thread. They are the same batches in the same order.
  public func prefetched(_ count: Int) -> DataPipeline {
    var result = self
    result.prefetchCount = max(count, 0)
    return result
  }

  /// The batches of an epoch.
  public var batchCount: Int {
    let (whole, rest) = dataset.count.quotientAndRemainder(dividingBy: batchSize)
    return rest == 0 || dropsRemainder ? whole : whole + 1
  }

  /// The examples of an epoch.
  public var exampleCount: Int { dropsRemainder ? batchCount * batchSize : dataset.count }

  /// Whether batches are nothing but rows of the data set.
  public var isPlain: Bool { transformations.isEmpty }

  /// The examples in the order of an epoch, from 1.
  public func examples(inEpoch epoch: Int) -> Dataset {
    guard bufferSize > 1 else { return dataset }
    let seed = seed &+ UInt64(truncatingIfNeeded: epoch)
    return bufferSize == .max ? dataset.shuffled(seed: seed) : dataset.shuffled(bufferSize: bufferSize, seed: seed)
  }

  /// The batches of an epoch, from 1, without the first `start`.
  public func batches(inEpoch epoch: Int, from start: Int = 0) throws -> BatchStream {
    let batches = try examples(inEpoch: epoch).batches(of: batchSize, dropRemainder: dropsRemainder)
    var seeds = SplitMix64(seed: seed &+ UInt64(truncatingIfNeeded: epoch))
    let first = seeds.next()
    let make = { @Sendable [transformations] (index: Int) throws -> Batch in
      var random = SplitMix64(seed: first &+ UInt64(index))
      return try transformations.reduce(batches[index]) { try $1.apply($0, &random) }
    }
    return BatchStream(start..<batches.count, ahead: prefetchCount, make)
  }

  /// The words that tell this pipeline's batches from another's: the data, its order and how it is cut.
  public var description: String {
    let order =
      bufferSize <= 1 ? "in order" : "shuffled (\(bufferSize == .max ? "all" : "\(bufferSize)"), seed \(seed))"
    return "\(dataset), \(order), batches of \(batchSize)\(dropsRemainder ? " without remainder" : "")"
      + (transformations.isEmpty ? "" : ", \(transformations.count) transformations")
      + transformations.compactMap(\.words).map { ", \($0)" }.joined()
  }
}
