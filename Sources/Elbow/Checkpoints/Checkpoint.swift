import ElbowArrays
import ElbowData
import ElbowRuntime
import Foundation

/// Where training was at the end of a step, with all that it takes to go on as if it had never stopped: variables, the
/// optimiser's memory and counters, the random state, the place in the data, the history, and what callbacks remember.
///
/// It is a safetensors file. The variables are its tensors, so ``Weights`` reads it too; the rest is in its metadata.
public struct Checkpoint {
  /// The model that was trained.
  public let model: String
  /// Of the training step's graph; a checkpoint only fits the graph that it is of.
  public let graphFingerprint: String
  /// The epoch, from 1, and how many of its steps were done.
  public var epoch: Int { progress.epoch }
  /// The steps of that epoch that were done.
  public var step: Int { progress.step }
  /// The steps that were done in all.
  public var totalSteps: Int { progress.totalSteps }
  /// The epochs that were done.
  public var epochs: [EpochSummary] { progress.epochs }

  private let state: StateCopy
  private let progress: Progress
  private let callbackArrays: [(name: String, array: HostArray)]

  /// The progress that the metadata hold as JSON.
  private struct Progress: Codable {
    var epoch: Int
    var step: Int
    var totalSteps: Int
    /// The data, its order, and what else has to be the same.
    var plan: String
    var means: LossMeans
    var epochSeconds: Double
    var epochs: [EpochSummary]
    /// By the callbacks' names.
    var callbacks: [String: [String: Double]]
    /// By the names of their inputs; nil in files of versions that had none.
    var learningRates: [String: Double]?

    /// Whether the numbers go together, which those of a file need not.
    var isConsistent: Bool {
      let counted = epochs.map(\.epoch) == Array(1..<epochs.count + 1)
      // Far from where counting on would overflow.
      let isCountable = [epoch, step, totalSteps].allSatisfy { (0..<1 << 53).contains($0) }
      let hasRates = (learningRates ?? [:]).values.allSatisfy { $0.isFinite && $0 >= 0 }
      return isCountable && totalSteps >= step && means.isConsistent && counted && hasRates
        && (epochs.count == epoch || epochs.count + 1 == epoch)
    }
  }

  private static let format = "elbow-checkpoint-1"

  /// Where a run is.
  init(_ run: TrainingRun) throws {
    model = run.model.name
    graphFingerprint = try run.graphFingerprint
    state = try StateCopy(run.compiled)
    let callbacks = run.namedCallbacks.compactMap { name, callback in callback.state.map { (name, $0) } }
    progress = Progress(
      epoch: run.epoch, step: run.step, totalSteps: run.totalSteps, plan: run.plan, means: run.means,
      epochSeconds: run.epochSeconds, epochs: run.report.epochs,
      callbacks: Dictionary(callbacks.map { ($0, $1.numbers) }) { first, _ in first }, learningRates: run.learningRates)
    callbackArrays = callbacks.flatMap { name, state in
      state.arrays.sorted { $0.key < $1.key }.map { ("\(Weights.callbackPrefix)\(name)/\($0.key)", $0.value) }
    }
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: `ElbowError` of kind `file` when the file cannot be read or is not a checkpoint.
  public init(contentsOf url: URL) throws {
    let (tensors, metadata, _) = try Safetensors.read(contentsOf: url)
    guard metadata["format"] == Checkpoint.format, let model = metadata["model"],
      let fingerprint = metadata["graph_fingerprint"], let seed = metadata["random_seed"].flatMap(UInt64.init),
      let counter = metadata["random_counter"].flatMap(UInt64.init),
      let progress = metadata["progress"].flatMap({ try? Checkpoint.decoder.decode(Progress.self, from: Data($0.utf8)) }
      ),
      progress.isConsistent
    else {
      throw ElbowError(
        .file, "The file \(url.path) is not a checkpoint that training can go on from: its metadata do not say where.")
    }
    self.model = model
    graphFingerprint = fingerprint
    self.progress = progress
    let isCallbacks = { (name: String) in name.hasPrefix(Weights.callbackPrefix) }
    state = StateCopy(
      values: tensors.filter { !isCallbacks($0.name) }, random: .init(seed: seed, counter: counter))
    callbackArrays = tensors.filter { isCallbacks($0.name) }
  }

  /// Writes the file; it is either written whole or not at all.
  public func write(to url: URL) throws {
    let text = String(decoding: try Checkpoint.encoder.encode(progress), as: UTF8.self)
    try Weights.write(
      state, of: model, to: url,
      metadata: [
        "format": Checkpoint.format, "graph_fingerprint": graphFingerprint, "progress": text,
        "step": "\(totalSteps)", "epoch": "\(epoch)",
      ], others: callbackArrays)
  }

  /// Puts a run where this was.
  ///
  /// - Throws: `ElbowError` of kind `file`, before anything is changed, when this is of another graph or training.
  func restore(to run: TrainingRun) throws {
    let report = WeightsReport(state.values, for: run.compiled.manifest.variables)
    guard try run.graphFingerprint == graphFingerprint, report.isComplete else {
      throw ElbowError(
        .file,
        "The checkpoint is of another graph than the training step of '\(run.model.name)': it was saved from '\(model)' "
          + "with the fingerprint \(graphFingerprint), and this is \(try run.graphFingerprint).",
        notes: (report.isComplete ? [] : ["for example, \(report.firstMisfit)"])
          + ["Weights.load(matching:into:) and --weights take over the weights that fit"])
    }
    guard run.plan == progress.plan, progress.step <= run.stepsPerEpoch, progress.means.isAlike(run.means) else {
      throw ElbowError(
        .file,
        "The checkpoint of '\(model)' is of other training: it saw \(progress.plan), and this would be \(run.plan).",
        notes: [
          "training goes on with the same data, batches, seed and learning rate alone",
          "Weights.load(matching:into:) and --weights take over the weights that fit",
        ])
    }
    try state.restore(to: run.compiled)
    (run.epoch, run.step, run.totalSteps) = (progress.epoch, progress.step, progress.totalSteps)
    (run.means, run.epochSeconds, run.report.epochs) = (progress.means, progress.epochSeconds, progress.epochs)
    for (name, rate) in progress.learningRates ?? [:] where run.learningRates[name] != nil {
      run.learningRates[name] = rate
    }
    for (name, callback) in run.namedCallbacks {
      guard let numbers = progress.callbacks[name] else { continue }
      let prefix = "\(Weights.callbackPrefix)\(name)/"
      let arrays = callbackArrays.filter { $0.name.hasPrefix(prefix) }
      callback.state = CallbackState(
        numbers: numbers,
        arrays: Dictionary(arrays.map { (String($0.name.dropFirst(prefix.count)), $0.array) }) { first, _ in first })
    }
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
