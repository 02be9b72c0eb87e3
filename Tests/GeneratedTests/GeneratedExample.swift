import Elbow
import ElbowExamples
import Foundation
import Synchronization

/// An example whose emitted C is kept in `generated/`.
struct GeneratedExample {
  let name: String
  let graph: Graph
  let signatures: [Signature]

  /// The examples, by name. Each has a program beside this file that drives its C.
  static let names = ExampleCatalog.all.map(\.name)

  static func make(_ name: String) throws -> GeneratedExample {
    guard let example = ExampleCatalog.named(name) else {
      throw ElbowError(.invalidArgument, "There is no example '\(name)'.")
    }
    let model = try example.make()
    return GeneratedExample(name: model.name, graph: model.graph, signatures: model.signatures)
  }

  /// The package's folder.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The compilers on the search path.
  static let compilers = ["clang", "gcc"].filter { RunningProcess.find($0) != nil }

  /// The program that drives the emitted C: `cs20_vae_main.c`.
  static func driver(_ name: String) -> URL {
    let file = name.replacingOccurrences(of: "-", with: "_") + "_main.c"
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(file)
  }

  /// The files emitted for an example, by name; they are emitted once.
  static func files(of name: String) throws -> [String: String] {
    try emitted.withLock { emitted in
      if let files = emitted[name] { return files }
      let files = try make(name).files()
      emitted[name] = files
      return files
    }
  }
  private static let emitted = Mutex<[String: [String: String]]>([:])

  /// The files emitted, by name: the same on every machine, for they name no CPU and no compiler of this one.
  private func files() throws -> [String: String] {
    var compiler = ModelCompiler(name: name, options: BuildOptions(target: .generic))
    compiler.scheduling.isVerified = true
    let library = try compiler.emit(graph, signatures, withLines: true)
    var files: [String: String] = [:]
    let instructions = library.instructions(compiler.options, headers: "../include")
    for file in library.sources + library.headers + [instructions] { files[file.name] = file.text }
    files[library.prefix + ".json"] = try String(decoding: library.manifest.encoded(), as: UTF8.self)
    return files
  }

  /// Whether a file is one of the headers that all models share, which lie in `generated/include`.
  static func isShared(_ file: String) -> Bool { file.hasPrefix("elbow") && file.hasSuffix(".h") }

  /// Writes files to a folder, and removes what else lies there.
  static func write(_ files: [String: String], to folder: URL) throws {
    let manager = FileManager.default
    try manager.createDirectory(at: folder, withIntermediateDirectories: true)
    for stale in try manager.contentsOfDirectory(atPath: folder.path) where files[stale] == nil {
      try manager.removeItem(at: folder.appendingPathComponent(stale))
    }
    for (file, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(file)) }
  }
}
