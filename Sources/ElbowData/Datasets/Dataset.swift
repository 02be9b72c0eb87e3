import ElbowArrays

/// Examples as named columns: arrays whose leading extent counts the examples.
///
///     let batches = try split.training.shuffled(seed: epoch).batches(of: 128)
///     for batch in batches { ... batch["images"] ... }
///
/// Shuffling, splitting and taking a prefix copy no examples: the columns are shared and only an order is kept.
public struct Dataset: Sendable {
  /// The data set's name.
  public let name: String
  /// Notes for the user about it, "only the first 7,011 training images are present".
  public var notes: [String]
  /// The columns as stored, which all views of the same data share.
  let storage: [Column]
  /// The stored row behind each example of this view.
  let rows: Rows

  /// One stored column.
  struct Column: Sendable {
    let name: String
    let array: HostArray
  }

  /// Wraps columns.
  ///
  /// - Throws: ``ElbowError`` when there is no column, two have the same name, one is a scalar, or their leading
  ///   extents differ.
  public init(name: String = "data", columns: [(name: String, array: HostArray)], notes: [String] = []) throws {
    let count = try namingTheCallersLine { try Dataset.exampleCount(of: columns, name) }
    self.name = name
    self.notes = notes
    storage = columns.map { Column(name: $0.name, array: $0.array) }
    rows = .range(0..<count)
  }

  /// The examples that columns have, if they are columns of one data set.
  private static func exampleCount(of columns: [(name: String, array: HostArray)], _ name: String) throws -> Int {
    guard let first = columns.first else {
      throw ElbowError(
        .data, "The data set \(name) has no columns.",
        notes: ["a column is a name and an array: Dataset(columns: [(\"images\", images)])"])
    }
    var names: Set<String> = []
    for column in columns {
      guard names.insert(column.name).inserted else {
        throw ElbowError(.data, "The data set \(name) has two columns named '\(column.name)'.")
      }
      guard let extent = column.array.shape.first else {
        throw ElbowError(
          .data,
          "The column '\(column.name)' of the data set \(name) is a scalar; its first extent must count examples.")
      }
      guard extent == first.array.shape.first else {
        throw ElbowError(
          .data,
          """
          The columns of the data set \(name) differ in their number of examples: '\(first.name)' has shape \
          \(first.array.shape), '\(column.name)' has \(column.array.shape).
          """)
      }
    }
    return first.array.shape.first ?? 0
  }

  private init(_ whole: Dataset, rows: Rows) {
    name = whole.name
    notes = whole.notes
    storage = whole.storage
    self.rows = rows
  }

  /// The columns as they are stored, for those who gather rows themselves.
  package var storedColumns: [(name: String, array: HostArray)] { storage.map { ($0.name, $0.array) } }
  /// The stored row behind each example.
  package var storedRows: [Int64] { rows.list.map(Int64.init) }

  /// The number of examples.
  public var count: Int { rows.count }

  /// The names of the columns, in order.
  public var columnNames: [String] { storage.map(\.name) }

  /// A whole column in this view's order, its first extent ``count``.
  ///
  /// It costs a copy unless the view is all of the data in the stored order.
  ///
  /// - Throws: ``ElbowError`` when there is no such column.
  public subscript(name: String) -> HostArray {
    get throws {
      guard let column = storage.first(where: { $0.name == name }) else {
        throw namingTheCallersLine(
          ElbowError(
            .data,
            "The data set \(self.name) has no column '\(name)'; it has \(columnNames.joined(separator: ", "))."))
      }
      if case .range(let range) = rows, range.count == column.array.shape.first { return column.array }
      var result = try column.array.zeros(rows: count)
      rows.gather(from: column.array, at: 0, into: &result)
      return result
    }
  }

  /// The first examples, at most `maximum`.
  public func prefix(_ maximum: Int) -> Dataset {
    Dataset(self, rows: rows[0..<min(max(maximum, 0), count)])
  }

  /// The examples before `position` and those from it on.
  ///
  /// - Throws: ``ElbowError`` when the position is negative or beyond ``count``.
  public func split(at position: Int) throws -> DataSplit {
    guard (0...count).contains(position) else {
      throw namingTheCallersLine(
        ElbowError(
          .invalidArgument,
          "The data set \(name) has \(count) examples and cannot be split at \(position): expected from 0 to \(count).")
      )
    }
    return DataSplit(
      training: Dataset(self, rows: rows[0..<position]), validation: Dataset(self, rows: rows[position..<count]))
  }

  /// The examples in an order that depends only on the seed and their number: Fisher-Yates from the end, driven by
  /// ``SplitMix64``.
  ///
  /// Use another seed for each epoch.
  public func shuffled(seed: UInt64) -> Dataset {
    var generator = SplitMix64(seed: seed)
    var order = rows.list
    for last in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(last, generator.number(below: last + 1))
    }
    return Dataset(self, rows: .list(order[...]))
  }

  /// The examples in the order in which they leave a buffer that is filled with the first of them: a random one leaves, and
  /// the next example takes its place. This is how `tf.data` shuffles; an example leaves at most `bufferSize - 1` places early.
  ///
  /// Use another seed for each epoch.
  public func shuffled(bufferSize: Int, seed: UInt64) -> Dataset {
    var generator = SplitMix64(seed: seed)
    let source = rows.list
    let size = min(max(bufferSize, 1), source.count)
    var buffer = source[..<size]
    var order: [Int] = []
    order.reserveCapacity(source.count)
    for row in source[size...] {
      let place = generator.number(below: size)
      order.append(buffer[place])
      buffer[place] = row
    }
    while let last = buffer.indices.last {
      buffer.swapAt(generator.number(below: buffer.count), last)
      order.append(buffer.removeLast())
    }
    return Dataset(self, rows: .list(order[...]))
  }
}

extension Dataset: CustomStringConvertible {
  /// The name, the number of examples and the columns, `digits: 4500 examples, images uint8[28, 28], labels int32[]`.
  public var description: String {
    let columns = storage.map { "\($0.name) \($0.array.dtype)\(Array($0.array.shape.dropFirst()))" }
    return "\(name): \(count) examples, \(columns.joined(separator: ", "))".printable()
  }
}

/// A data set in two parts: one to learn from, one to check with.
public struct DataSplit: Sendable {
  /// The examples to learn from.
  public var training: Dataset
  /// The examples to check with.
  public var validation: Dataset

  /// Joins two parts.
  public init(training: Dataset, validation: Dataset) {
    self.training = training
    self.validation = validation
  }
}
