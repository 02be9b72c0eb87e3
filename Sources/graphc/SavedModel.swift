import Elbow
import Foundation

/// A model as a graph file: its graph and signatures, and as metadata `model`, `dataset`, `epochs` and `batch_size`.
enum SavedModel {
  /// The metadata of a graph file that make it a model.
  static func metadata(of model: Model) -> [String: String] {
    var metadata = ["model": model.name, "epochs": "\(model.epochs)", "batch_size": "\(model.batchSize)"]
    metadata["dataset"] = model.dataset
    return metadata
  }

  static func write(_ model: Model, to url: URL) throws {
    let text = try GraphFile.encode(model.graph, signatures: model.signatures, metadata: metadata(of: model))
    try AtomicFile.write(Data(text.utf8), to: url)
  }

  /// - Throws: `ElbowError` if the file cannot be read, is not a graph file or lies about what it holds.
  static func read(_ url: URL) throws -> Model {
    let file = try GraphFile(decoding: FileContents.read(url, limit: GraphFile.sizeLimit))
    return try model(at: url, graph: file.graph, signatures: file.signatures, metadata: file.metadata)
  }

  /// The model that a graph file's parts make; one without a name is called as its file is.
  static func model(
    at url: URL, graph: Graph, signatures: [Signature], metadata: [String: String]
  ) throws -> Model {
    let fileName = url.deletingPathExtension().lastPathComponent
    let epochs = metadata["epochs"].flatMap { Int($0) } ?? 20
    let batchSize = metadata["batch_size"].flatMap { Int($0) } ?? 100
    return try Model(
      name: metadata["model"] ?? fileName, graph: graph, dataset: metadata["dataset"],
      epochs: min(max(epochs, 1), 100_000), batchSize: min(max(batchSize, 1), 1 << 20), signatures: signatures)
  }
}
