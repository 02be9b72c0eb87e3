import ElbowArrays
import ElbowData

/// The steps of one epoch that are left, many in one call of the library where nobody needs to look in between.
struct EpochSteps {
  /// The result of some steps.
  struct Done {
    /// Each figure of the signature over the steps, whether it is one number of a step or several.
    var figures: [[Double]]
    /// How many steps it were.
    var count: Int
    /// In each step.
    var examples: Int
    /// How long all of them took.
    var seconds: Double
    /// The batch that a step was given, where it was run by itself.
    var batch: Batch?

    /// The first figure that is not finite, and the step, from 0; nil if all are.
    var firstNonFinite: (figure: Int, step: Int, value: Double)? {
      figures.indices.compactMap { figure in
        let numbers = figures[figure]
        return numbers.firstIndex { !$0.isFinite }
          .map { (figure: figure, step: $0 / (numbers.count / count), value: numbers[$0]) }
      }.min { $0.step < $1.step }
    }
  }

  private enum Source {
    /// Rows of the data set, which the library gathers itself.
    case rows(ArraySlice<Int64>, of: Dataset)
    /// Batches that are made here.
    case stream(BatchStream)
  }

  private let batchSize: Int
  private var source: Source
  /// How many steps the next call takes.
  private var stride = 1

  /// Callbacks are called after so many seconds.
  private static let patience = 0.1

  /// - Parameters:
  ///   - step: How many steps are done.
  ///   - oneByOne: Whether every step is run by itself.
  init(_ data: DataPipeline, epoch: Int, from step: Int, oneByOne: Bool) throws {
    batchSize = data.batchSize
    if oneByOne || !data.isPlain {
      source = .stream(try data.batches(inEpoch: epoch, from: step))
    } else {
      let examples = data.examples(inEpoch: epoch)
      source = .rows(examples.storedRows.prefix(data.exampleCount).dropFirst(step * batchSize), of: examples)
    }
  }

  /// Runs some steps; nil if none is left.
  mutating func next(_ signature: SignatureRunner) throws -> Done? {
    switch source {
    case .rows(let rows, let data):
      guard !rows.isEmpty else { return nil }
      // The last batch may be smaller than the others, and is run by itself.
      let size = min(batchSize, rows.count)
      let count = max(1, min(stride, rows.count / batchSize))
      source = .rows(rows.dropFirst(count * size), of: data)
      let start = ContinuousClock.now
      let figures = try signature.run(rows: [Int64](rows.prefix(count * size)), of: data, batchSize: size)
      let seconds = (ContinuousClock.now - start).seconds
      stride = max(1, Int(min(EpochSteps.patience / max(seconds / Double(count), 1e-9), 1e6)))
      return Done(figures: figures, count: count, examples: size, seconds: seconds, batch: nil)
    case .stream(var stream):
      let start = ContinuousClock.now
      guard let batch = try stream.next() else { return nil }
      source = .stream(stream)
      let figures = try signature.run(batch)
      return Done(
        figures: figures, count: 1, examples: batch.count, seconds: (ContinuousClock.now - start).seconds,
        batch: batch)
    }
  }
}
