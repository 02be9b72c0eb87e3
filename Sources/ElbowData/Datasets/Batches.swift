import ElbowArrays

/// A few examples: one array a column, the leading extent of each ``count``.
public struct Batch: Sendable {
  /// The columns, in the data set's order.
  public let columns: [(name: String, array: HostArray)]
  /// The number of examples.
  public let count: Int

  /// A batch of columns whose leading extent counts the examples.
  ///
  /// - Throws: ``ElbowError`` as ``Dataset/init(name:columns:notes:)``, or when there are no examples.
  public init(_ columns: [(name: String, array: HostArray)]) throws {
    let dataset = try Dataset(name: "of a batch", columns: columns)
    guard dataset.count > 0 else {
      throw namingTheCallersLine(ElbowError(.data, "A batch needs at least 1 example, but has none."))
    }
    self.init(columns: columns, count: dataset.count)
  }

  init(columns: [(name: String, array: HostArray)], count: Int) {
    self.columns = columns
    self.count = count
  }

  /// The column of that name, or nil.
  public subscript(name: String) -> HostArray? { columns.first { $0.name == name }?.array }
}

/// The batches of a data set, gathered as they are asked for.
public struct Batches: Sequence, Sendable {
  private let dataset: Dataset
  /// The examples in a batch; the last may have less.
  public let size: Int
  /// Empty batches to fill: one of full size, and one for the examples left over, unless there are none or they are
  /// dropped. Making them beforehand leaves nothing in the loop that could fail.
  private let full: [HostArray]
  private let rest: [HostArray]?

  /// The number of batches.
  public let count: Int

  init(_ dataset: Dataset, size: Int, dropsRemainder: Bool) throws {
    guard size > 0 else {
      throw namingTheCallersLine(ElbowError(.invalidArgument, "A batch needs at least 1 example, not \(size)."))
    }
    self.dataset = dataset
    self.size = size
    let (whole, left) = dataset.count.quotientAndRemainder(dividingBy: size)
    full = whole == 0 ? [] : try dataset.storage.map { try $0.array.zeros(rows: size) }
    rest = left == 0 || dropsRemainder ? nil : try dataset.storage.map { try $0.array.zeros(rows: left) }
    count = whole + (rest == nil ? 0 : 1)
  }

  /// The batches from the first on.
  public func makeIterator() -> Iterator { Iterator(batches: self) }

  /// Goes through the batches once.
  public struct Iterator: IteratorProtocol {
    fileprivate let batches: Batches
    private var index = 0

    fileprivate init(batches: Batches) { self.batches = batches }

    /// The next batch, or nil after the last.
    public mutating func next() -> Batch? {
      guard index < batches.count else { return nil }
      defer { index += 1 }
      return batches[index]
    }
  }

  /// One batch; `index` is from 0 and below ``count``.
  public subscript(index: Int) -> Batch {
    let start = index * size
    let isFull = start + size <= dataset.count
    let columns = zip(dataset.storage, isFull ? full : rest ?? []).map { column, empty in
      var array = empty
      dataset.rows.gather(from: column.array, at: start, into: &array)
      return (name: column.name, array: array)
    }
    return Batch(columns: columns, count: isFull ? size : dataset.count - start)
  }
}

extension Dataset {
  /// The examples in batches, in this view's order.
  ///
  /// - Parameters:
  ///   - size: The examples in a batch.
  ///   - dropRemainder: Whether to leave out the last batch when it is smaller than the others.
  /// - Throws: ``ElbowError`` when the size is not positive.
  public func batches(of size: Int, dropRemainder: Bool = false) throws -> Batches {
    try Batches(self, size: size, dropsRemainder: dropRemainder)
  }
}
