import ElbowArrays
import ElbowData
import ElbowManifest
import ElbowRuntime
import Foundation

/// The variables of a model as a safetensors file: weights, the optimiser's memory, and counters.
public enum Weights {
  /// Writes all variables; the file is either written whole or not at all.
  ///
  /// - Parameters:
  ///   - model: Whose variables they are.
  ///   - url: The file, `.safetensors`.
  ///   - metadata: Further entries for the file.
  public static func save(_ model: CompiledModel, to url: URL, metadata: [String: String] = [:]) throws {
    try write(StateCopy(model), of: model.manifest.name, to: url, metadata: metadata)
  }

  static func write(
    _ state: StateCopy, of model: String, to url: URL, metadata: [String: String],
    others: [(name: String, array: HostArray)] = []
  ) throws {
    var metadata = metadata
    metadata["model"] = model
    metadata["random_seed"] = "\(state.random.seed)"
    metadata["random_counter"] = "\(state.random.counter)"
    try Safetensors.write(state.values + others, metadata: metadata, to: url)
  }

  /// Sets a model's variables to those of a file. Nothing is set unless all of them fit.
  ///
  /// The optimiser's memory and counters may be missing, as from what `graphc export` writes; they stay as they are.
  ///
  /// - Parameters:
  ///   - url: A `.safetensors` or `.npz` file, or such contents in what has no ending, as `/dev/stdin`.
  ///   - model: The model whose variables are set.
  /// - Returns: The file's further entries.
  /// - Throws: `ElbowError` of kind `file` when the file is not of this model: a weight is missing, or a variable is
  ///   unknown or of another shape or dtype.
  @discardableResult
  public static func load(_ url: URL, into model: CompiledModel) throws -> [String: String] {
    let (tensors, metadata, unsupported) = try read(url)
    let report = WeightsReport(tensors, for: model.manifest.variables, unsupported: unsupported)
    guard report.hasAllWeights else {
      let origin = metadata["model"].map { ", which was saved from the model '\($0)'," } ?? ""
      throw ElbowError(
        .file,
        "The file \(url.path)\(origin) does not fit the model '\(model.manifest.name)': \(report.firstMisfit).",
        notes: ["Weights.load(matching:into:) and 'graphc train --weights' take over what fits"])
    }
    try StateCopy(values: report.fitting, random: random(metadata) ?? model.randomState).restore(to: model)
    return metadata
  }

  /// Sets those of a model's weights that a file has by name, shape and dtype; the others stay as they are. The
  /// optimiser's memory and counters are left alone.
  ///
  /// - Parameters:
  ///   - url: A `.safetensors` or `.npz` file, or such contents in what has no ending, as `/dev/stdin`.
  ///   - model: Whose weights are set.
  ///   - rename: The model's name for a tensor of the file, from the file's name.
  /// - Returns: The weights that were set, and those that were not and why.
  @discardableResult
  public static func load(
    matching url: URL, into model: CompiledModel, renaming rename: (String) -> String = { $0 }
  ) throws -> WeightsReport {
    let (tensors, _, unsupported) = try read(url)
    let report = WeightsReport(
      tensors.map { (rename($0.name), $0.array) }, for: model.manifest.variables, roles: WeightsReport.weights,
      unsupported: Dictionary(unsupported.map { (rename($0.key), $0.value) }) { first, _ in first })
    for (name, array) in report.fitting { try model.setValue(array, of: name) }
    return report
  }

  /// A file's tensors, in either format.
  private static func read(_ url: URL) throws -> Safetensors.Contents {
    let bytes = try FileContents.read(url)
    let named =
      url.pathExtension.isEmpty ? DataFile.Format(recognizing: bytes) : DataFile.Format(name: url.lastPathComponent)
    guard named == .npz else { return try Safetensors.decode(bytes, named: url.path) }
    let (arrays, unsupported) = try NPZ.decode(bytes, named: url.path)
    return (arrays, [:], unsupported)
  }

  private static func random(_ metadata: [String: String]) -> CompiledModel.RandomState? {
    guard let seed = metadata["random_seed"].flatMap(UInt64.init),
      let counter = metadata["random_counter"].flatMap(UInt64.init)
    else { return nil }
    return .init(seed: seed, counter: counter)
  }

  /// The prefix of the names of tensors that a checkpoint keeps besides variables.
  static let callbackPrefix = "elbow.callbacks/"
}
