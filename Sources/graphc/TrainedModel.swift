import ArgumentParser
import Elbow
import Foundation

/// The folder that a model's results are kept in.
enum RunFolder {
  /// `runs/NAME`; a model's name is not to be trusted as a path.
  static func standard(_ model: Model) -> URL {
    let safe = String(model.name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "_" })
    return URL(fileURLWithPath: "runs/\(safe)", isDirectory: true)
  }

  /// The traces of earlier training in a folder, in words; nil if nothing that could be lost.
  static func earlierRun(in folder: URL) throws -> String? {
    let weights = folder.appendingPathComponent("weights.safetensors")
    let checkpoints = folder.appendingPathComponent("checkpoints", isDirectory: true)
    var found: [String] = []
    if FileManager.default.fileExists(atPath: weights.path) { found.append("weights.safetensors") }
    if FileManager.default.fileExists(atPath: checkpoints.path),
      let step = try Checkpoints(in: checkpoints).latestStep()
    {
      found.append("checkpoints up to step \(step)")
    }
    return found.isEmpty ? nil : found.joined(separator: " and ")
  }
}

/// A model with trained weights.
struct TrainedModelOptions: ParsableArguments {
  @OptionGroup var source: GraphOptions
  @Option(
    help: ArgumentHelp(
      "The weights, - for standard input; by default what 'graphc train' left in runs/NAME.",
      valueName: "file.safetensors"))
  var weights: String?
  @Option(help: "Of everything random.") var seed: UInt64 = 0
  @Option(parsing: .unconditional, help: "How many threads share the work; 0 for one per core.")
  var threads = 0
  @OptionGroup var toolchain: ToolchainOptions

  func validate() throws {
    guard (0...1024).contains(threads) else {
      throw ValidationError("The number of threads is from 0 to 1024, not \(threads).")
    }
  }

  /// Compiles the model, or finds it compiled, and gives it the weights.
  ///
  /// - Parameter check: Looks at the graph before anything is compiled.
  func load(_ check: (Model) throws -> Void = { _ in }) throws -> (model: Model, compiled: CompiledModel) {
    let model = try source.load()
    try check(model)
    let file = weights.map { URL(input: $0) } ?? weightsFile(model)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw ElbowError(
        .file, "There are no weights at '\(file.relativePath)'.",
        notes: ["'graphc train \(source.graph)' trains the model, and --weights names another file"] + interrupted(file)
      )
    }
    let compiled = try CompiledModel(
      contentsOf: CompiledLibrary.make(model, toolchain.build), seed: seed, threads: threads)
    try Weights.load(file, into: compiled)
    compiled.randomState = .init(seed: seed)
    return (model, compiled)
  }

  /// A note on the weights of training that ended before it could save them.
  private func interrupted(_ file: URL) -> [String] {
    let best = file.deletingLastPathComponent().appendingPathComponent("checkpoints/best.safetensors")
    guard weights == nil, FileManager.default.fileExists(atPath: best.path) else { return [] }
    return ["training did not end there; its best weights so far: --weights \(best.relativePath)"]
  }

  private func weightsFile(_ model: Model) -> URL {
    RunFolder.standard(model).appendingPathComponent("weights.safetensors")
  }
}

extension Model {
  /// Checks that there is a signature of a role.
  func require(_ role: SignatureRole) throws {
    guard self[role] == nil else { return }
    let names = signatures.map(\.name).joined(separator: ", ")
    throw ElbowError(
      .invalidArgument,
      "The model '\(self.name)' has no signature '\(role.rawValue)', \(role.contract); it has \(names).")
  }

  /// The number of latent dimensions, where `decode` says it; nil if any number will do.
  var latentSize: Int? {
    get throws {
      try require(.decode)
      guard let decode = self[.decode] else { return nil }
      let inputs = try graph.program(decode).inputs.filter { $0.defaultValue == nil && $0.type.shape.rank == 2 }
      return inputs.first?.type.shape.dimensions.last?.value
    }
  }

  /// Checks that codes are points of a plane.
  func requirePlane(for picture: String) throws {
    guard let size = try latentSize, size != 2 else { return }
    throw ElbowError(
      .invalidArgument,
      "The latent space of '\(name)' has \(size) dimensions, but \(picture) needs one of 2 dimensions.",
      notes: ["'graphc sample' and 'graphc reconstruct' show a latent space of any number of dimensions"])
  }
}

/// Where a picture goes.
struct PictureOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The picture, - for standard output; by default in runs/NAME.", valueName: "file.png"))
  var output: String?

  /// The place: what was asked for, or the file of that name in the model's folder, which is made.
  func place(_ name: String, for model: Model) throws -> URL {
    if let output { return URL(output: output) }
    let folder = RunFolder.standard(model)
    try Folder.make(folder)
    return folder.appendingPathComponent(name)
  }
}

/// A picture that was drawn, as JSON.
struct Drawn: Encodable {
  let model: String
  let file: String
  let count: Int
}
