import ElbowArrays
import ElbowData
import ElbowGraph
import ElbowRuntime
import Foundation

/// The variables of a model as a safetensors file: weights, the optimiser's memory, and counters.
public enum Weights {
  /// Writes all variables; the file is either written whole or not at all.
  ///
  /// - Parameter metadata: What else the file should say.
  public static func save(_ model: CompiledModel, to url: URL, metadata: [String: String] = [:]) throws {
    var metadata = metadata
    let random = model.randomState
    metadata["model"] = model.manifest.name
    metadata["random_seed"] = "\(random.seed)"
    metadata["random_counter"] = "\(random.counter)"
    let tensors = try model.variableNames.map { (name: $0, array: try model.value(of: $0)) }
    try Safetensors.write(tensors, metadata: metadata, to: url)
  }

  /// Sets a model's variables to those of a file. Nothing is set unless all of them fit.
  ///
  /// - Returns: What else the file says.
  /// - Throws: `ElbowError` of kind `file` when the file is not of this model: a variable is missing, unknown, or of
  ///   another shape or dtype.
  @discardableResult
  public static func load(_ url: URL, into model: CompiledModel) throws -> [String: String] {
    let (tensors, metadata) = try Safetensors.read(contentsOf: url)
    let found = Dictionary(tensors.map { ($0.name, $0.array) }) { first, _ in first }
    let origin = metadata["model"].map { ", which was saved from the model '\($0)'," } ?? ""
    func misfit(_ what: String) -> ElbowError {
      ElbowError(.file, "The file \(url.path)\(origin) does not fit the model '\(model.manifest.name)': \(what).")
    }
    for variable in model.manifest.variables {
      guard let array = found[variable.name] else { throw misfit("it lacks the variable '\(variable.name)'") }
      guard array.dtype == variable.dtype, array.shape == variable.shape else {
        throw misfit(
          "the variable '\(variable.name)' is \(variable.dtype)\(variable.shape), but the file has "
            + "\(array.dtype)\(array.shape)")
      }
    }
    let known = Set(model.variableNames)
    if let unknown = tensors.first(where: { !known.contains($0.name) }) {
      throw misfit("the model has no variable '\(unknown.name)'")
    }
    for (name, array) in tensors { try model.setValue(array, of: name) }
    if let seed = metadata["random_seed"].flatMap(UInt64.init),
      let counter = metadata["random_counter"].flatMap(UInt64.init)
    {
      model.randomState = .init(seed: seed, counter: counter)
    }
    return metadata
  }
}

/// The variables as they were at some time.
struct StateCopy {
  let values: [(name: String, array: HostArray)]
  let random: CompiledModel.RandomState

  init(_ model: CompiledModel) throws {
    values = try model.variableNames.map { ($0, try model.value(of: $0)) }
    random = model.randomState
  }

  func restore(to model: CompiledModel) throws {
    for (name, array) in values { try model.setValue(array, of: name) }
    model.randomState = random
  }

  /// A variable that holds NaN or infinity; nil if none does.
  var nonFiniteVariable: String? { values.first { !NumericsCheck.isFinite($0.array) }?.name }
}
