import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc build`: a model as a shared library.
struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Compile a model to a shared library.",
    discussion: "The library needs neither graphc nor Swift to run; 'graphc emit' writes the header for C programs.")

  @OptionGroup var source: GraphOptions
  @Option(name: .shortAndLong, help: ArgumentHelp("The library to write; - is standard output.", valueName: "file"))
  var output: String
  @Option(help: "What to compile for.")
  var target = Target.native
  @OptionGroup var batch: FixedBatchOptions
  @OptionGroup var toolchain: ToolchainOptions
  @OptionGroup var format: OutputOptions

  private struct Built: Encodable {
    let model: String
    let target: String
    let library: String
    let bytes: Int
    let seconds: Double
  }

  func run() throws {
    let model = try source.load()
    let sizes = try batch.specialization(of: model)
    let (library, seconds) = try timed { try CompiledLibrary.make(model, toolchain.build(for: target), sizes) }
    let data = try CompiledLibrary.contents(of: library)
    let file = URL(output: output)
    try AtomicFile.write(data, to: file)
    try format.print(
      Built(model: model.name, target: target.name, library: output, bytes: data.count, seconds: seconds),
      text: "\(output): \(data.count.grouped) bytes, compiled in \(seconds.fixed(2)) s", besides: [file])
  }
}

/// A model compiled into the user's cache.
enum CompiledLibrary {
  /// The library's place; compiled unless it is there already.
  static func make(
    _ model: Model, _ options: BuildOptions, _ specialization: [String: Int] = [:], passes: PassOptions? = nil
  ) throws -> URL {
    var compiler = ModelCompiler(name: model.name, options: options, specialization: specialization)
    compiler.report = { Console.report($0 + " ...") }
    if let passes { (compiler.pipeline, compiler.scheduling) = (passes.pipeline, passes.scheduling) }
    return try compiler.compile(model.graph, model.signatures, cache: ArtifactCache.standard())
  }

  static func contents(of library: URL) throws -> Data {
    do {
      return try Data(contentsOf: library)
    } catch {
      throw ElbowError(.file, "The compiled library '\(library.path)' cannot be read: \(error.systemReason).")
    }
  }
}
