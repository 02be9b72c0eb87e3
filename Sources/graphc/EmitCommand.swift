import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc emit`: the C of a model.
struct EmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emit", abstract: "Write a model's C, headers and manifest.",
    discussion: "BUILD.txt beside them has the command line that compiles them. Emitting needs no compiler.")

  @OptionGroup var source: GraphOptions
  @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write to.", valueName: "folder"))
  var output: String
  @Option(
    help: ArgumentHelp(
      "A folder for the headers that all models share; by default that of the model.", valueName: "folder"))
  var headers: String?
  @Option(help: "What the C will be compiled for.")
  var target = Target.generic
  @OptionGroup var batch: FixedBatchOptions
  @OptionGroup var toolchain: ToolchainOptions
  @OptionGroup var format: OutputOptions

  private struct Emitted: Encodable {
    let model: String
    let target: String
    let folder: String
    let files: [String]
    let byteCount: Int
  }

  func validate() throws {
    guard !output.isEmpty, headers?.isEmpty != true else {
      throw ValidationError("A folder has a name; '.' is the one at hand.")
    }
  }

  func run() throws {
    let model = try source.load()
    let compiler = ModelCompiler(
      name: model.name, options: toolchain.build(for: target), specialization: try batch.specialization(of: model))
    let library = try compiler.emit(model.graph, model.signatures)
    let folder = URL(fileURLWithPath: output)
    let shared = headers.map { URL(fileURLWithPath: $0) }
    try LibraryBuilder.write(library, to: folder, headers: shared)
    let manifest = "\(library.prefix).json"
    let place = shared?.path(from: folder)
    let instructions = library.instructions(compiler.options, headers: place)
    try AtomicFile.write(Data(library.manifest.encoded()), to: folder.appendingPathComponent(manifest))
    try AtomicFile.write(Data(instructions.text.utf8), to: folder.appendingPathComponent(instructions.name))
    let own = library.sources + library.modelHeaders
    let names =
      (own.map(\.name) + [manifest, instructions.name]).sorted()
      + library.prelude.map { (place.map { $0 + "/" } ?? "") + $0.name }
    try format.print(
      Emitted(
        model: model.name, target: target.name, folder: output, files: names,
        byteCount: (own + library.prelude).reduce(0) { $0 + $1.text.utf8.count }),
      text: names.map { "\(output)/\($0)" }.joined(separator: "\n"))
  }
}

extension URL {
  /// The path of a folder as another one sees it, `../include`.
  fileprivate func path(from folder: URL) -> String {
    let (own, other) = (standardizedFileURL.pathComponents, folder.standardizedFileURL.pathComponents)
    let common = zip(own, other).prefix { $0 == $1 }.count
    let parts = [String](repeating: "..", count: other.count - common) + own.dropFirst(common)
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }
}
