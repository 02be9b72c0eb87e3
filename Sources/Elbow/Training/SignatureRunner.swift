import ElbowArrays
import ElbowData
import ElbowManifest
import ElbowRuntime

/// Runs a signature that gives losses on one batch after another.
final class SignatureRunner {
  private let prepared: PreparedSignature
  /// What is fed besides the batch, by input; nil where the batch or the default serves.
  private let constants: [HostArray?]
  private var outputs: [HostArray] = []
  /// Scalar outputs, by position: the losses.
  private let losses: [Int]

  init(_ model: CompiledModel, _ name: String, constants: [String: Double]) throws {
    prepared = try model.prepare(name)
    self.constants = try prepared.signature.inputs.map { input -> HostArray? in
      guard let value = constants[input.name] else { return nil }
      switch input.dtype {
      case .float32: return HostArray(scalar: Float(value))
      case .float64: return HostArray(scalar: value)
      default:
        throw ElbowError(
          .feed, "The trainer feeds '\(input.name)', which must be floating point, but the model has \(input.dtype).")
      }
    }
    losses = prepared.signature.outputs.indices.filter { [prepared] in prepared.signature.outputs[$0].shape.isEmpty }
  }

  var outputNames: [String] { losses.map { prepared.signature.outputs[$0].name } }

  /// Checks that a data set has what the signature takes.
  ///
  /// - Throws: `ElbowError` of kind `data` that names the column, what was expected and what was found.
  func check(_ data: Dataset) throws {
    let first = try data.prefix(1).batches(of: 1).firstBatch
    for (input, constant) in zip(prepared.signature.inputs, constants) where constant == nil {
      let shape = input.shape.map(\.description).joined(separator: ", ")
      guard let column = first?[input.name] else {
        if input.hasDefault { continue }
        throw ElbowError(
          .data, "The model takes '\(input.name)' (\(input.dtype)[\(shape)]), but the data set has no such column.",
          notes: ["\(data)"])
      }
      let fits =
        column.dtype == input.dtype && column.shape.count == input.shape.count
        && zip(column.shape, input.shape).dropFirst().allSatisfy { extent, dimension in
          if case .fixed(let expected) = dimension { extent == expected } else { true }
        }
      guard fits else {
        let found = (["n"] + column.shape.dropFirst().map(String.init)).joined(separator: ", ")
        throw ElbowError(
          .data,
          "The model takes '\(input.name)' as \(input.dtype)[\(shape)], but the data set's column is "
            + "\(column.dtype)[\(found)].", notes: ["\(data)"])
      }
    }
  }

  /// What a run is fed, by input; those with a default value may be missing.
  func feeds(_ batch: Batch) -> [String: HostArray] {
    var feeds: [String: HostArray] = [:]
    for (input, constant) in zip(prepared.signature.inputs, constants) {
      feeds[input.name] = constant ?? batch[input.name]
    }
    return feeds
  }

  /// One run.
  ///
  /// - Returns: The losses, in the order of ``outputNames``.
  func run(_ batch: Batch) throws -> [Double] {
    let inputs = zip(prepared.signature.inputs, constants).map { input, constant in constant ?? batch[input.name] }
    try prepared.run(inputs, into: &outputs)
    return losses.map { outputs[$0].doubles[0] }
  }
}

extension Batches {
  /// The first batch, or nil if there is none.
  fileprivate var firstBatch: Batch? {
    var iterator = makeIterator()
    return iterator.next()
  }
}
