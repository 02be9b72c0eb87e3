import ElbowArrays
import ElbowData

/// The steps of one epoch, many in one call of the library where nobody needs to look in between.
struct EpochSteps {
  /// What some steps came to.
  struct Done {
    /// Each loss of the signature, over the steps.
    var losses: [[Double]]
    /// How many steps it were.
    var count: Int
    /// In each step.
    var examples: Int
    /// How long all of them took.
    var seconds: Double
    /// What a step was given, where it was run by itself.
    var batch: Batch?

    /// The first loss that is not finite, and the step, from 0; nil if all are.
    var firstNonFinite: (loss: Int, step: Int, value: Double)? {
      losses.indices.compactMap { loss in
        losses[loss].firstIndex { !$0.isFinite }.map { (loss: loss, step: $0, value: losses[loss][$0]) }
      }.min { $0.step < $1.step }
    }
  }

  private let data: Dataset
  private let rows: [Int64]
  private let batches: Batches
  private let oneByOne: Bool
  /// How many steps the next call takes.
  private var stride = 1

  /// Callbacks are called after so many seconds.
  private static let patience = 0.1

  /// - Parameter data: The examples in the order of this epoch.
  init(_ data: Dataset, batches: Batches, oneByOne: Bool) {
    self.data = data
    self.batches = batches
    self.oneByOne = oneByOne
    rows = oneByOne ? [] : data.storedRows
  }

  /// Runs some steps, from `step` on, of which there has to be one.
  mutating func next(_ signature: SignatureRunner, from step: Int) throws -> Done {
    let start = ContinuousClock.now
    guard !oneByOne else {
      let batch = batches[step]
      let losses = try signature.run(batch)
      return Done(
        losses: losses.map { [$0] }, count: 1, examples: batch.count,
        seconds: (ContinuousClock.now - start).seconds, batch: batch)
    }
    // The last batch may be smaller than the others, and is run by itself.
    let first = step * batches.size
    let size = min(batches.size, data.count - first)
    let count = max(1, min(stride, (data.count - first) / batches.size))
    let losses = try signature.run(rows: [Int64](rows[first..<first + count * size]), of: data, batchSize: size)
    let seconds = (ContinuousClock.now - start).seconds
    stride = max(1, Int(min(EpochSteps.patience / max(seconds / Double(count), 1e-9), 1e6)))
    return Done(losses: losses, count: count, examples: size, seconds: seconds, batch: nil)
  }
}
