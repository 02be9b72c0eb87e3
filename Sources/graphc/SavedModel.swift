import Elbow
import Foundation

/// A model as a graph file: its graph and signatures, and as metadata `model`, `dataset` and `epochs`.
enum SavedModel {
  /// The metadata of a graph file that make it a model.
  static func metadata(of model: Model) -> [String: String] {
    var metadata = ["model": model.name, "epochs": "\(model.epochs)"]
    metadata["dataset"] = model.dataset
    return metadata
  }

  // TODO(graphfile): connect. Until then graph files are neither written nor read. To be, in this order:
  //   try AtomicFile.write(Data(GraphFile.encode(model.graph, signatures: model.signatures,
  //     metadata: metadata(of: model)).utf8), to: url)
  //   let file = try GraphFile(decoding: [UInt8](Data(contentsOf: url)))
  //   return try model(at: url, graph: file.graph, signatures: file.signatures, metadata: file.metadata)

  static func write(_ model: Model, to url: URL) throws {
    throw ElbowError(.file, "This version cannot write graph files yet; '\(url.path)' was not written.")
  }

  static func read(_ url: URL) throws -> Model {
    throw ElbowError(.file, "This version cannot read graph files yet; '\(url.path)' was not read.")
  }

  /// The model that a graph file's parts make; one without a name is called as its file is.
  static func model(
    at url: URL, graph: Graph, signatures: [Signature], metadata: [String: String]
  ) throws -> Model {
    let fileName = url.deletingPathExtension().lastPathComponent
    let epochs = metadata["epochs"].flatMap { Int($0) } ?? 20
    return try Model(
      name: metadata["model"] ?? fileName, graph: graph, dataset: metadata["dataset"],
      epochs: min(max(epochs, 1), 100_000), signatures: signatures)
  }
}
