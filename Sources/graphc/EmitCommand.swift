import ArgumentParser
import Elbow
import Foundation

/// `graphc emit`: the C of a model.
struct EmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emit", abstract: "Write a model's C, headers and manifest.",
    discussion: "BUILD.txt beside them has the command line that compiles them. Emitting needs no compiler.")

  @OptionGroup var source: GraphOptions
  @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write to.", valueName: "folder"))
  var output: String
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

  func run() throws {
    let model = try source.load()
    let compiler = ModelCompiler(
      name: model.name, options: toolchain.build(for: target), specialization: try batch.specialization(of: model))
    let library = try compiler.emit(model.graph, model.signatures)
    let folder = URL(fileURLWithPath: output)
    try LibraryBuilder.write(library, to: folder)
    let manifest = "\(library.prefix).json"
    let instructions = library.instructions(compiler.options)
    try AtomicFile.write(Data(library.manifest.encoded()), to: folder.appendingPathComponent(manifest))
    try AtomicFile.write(Data(instructions.text.utf8), to: folder.appendingPathComponent(instructions.name))
    let files = library.sources + library.headers
    let names = (files.map(\.name) + [manifest, instructions.name]).sorted()
    try format.print(
      Emitted(
        model: model.name, target: target.name, folder: output, files: names,
        byteCount: files.reduce(0) { $0 + $1.text.utf8.count }),
      text: names.map { "\(output)/\($0)" }.joined(separator: "\n"))
  }
}
