import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc export`: a trained model's weights in a file for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a trained model's weights to a NumPy archive or a safetensors file.",
    discussion: """
      Parameters and running statistics are written under their names in the graph; --all adds what the optimiser \
      keeps. numpy.load reads .npz, the safetensors library .safetensors.
      """)

  @OptionGroup var trained: TrainedModelOptions
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write; - is safetensors to standard output.", valueName: "file.npz|file.safetensors"))
  var output: String
  @Flag(help: "The optimiser's slots and counters, too.") var all = false
  @Flag(help: "Replace a file that is there already.") var force = false
  @OptionGroup var format: OutputOptions

  private struct Exported: Encodable {
    let model: String
    let file: String
    let variables: Int
    let elements: Int
  }

  func validate() throws {
    guard output == "-" || output.hasSuffix(".npz") || output.hasSuffix(".safetensors") else {
      throw ValidationError("The file's name ends in .npz or .safetensors, or is -, not '\(output)'.")
    }
  }

  func run() throws {
    let file = URL(output: output)
    guard force || output == "-" || !FileManager.default.fileExists(atPath: file.path) else {
      throw ElbowError(.file, "The file '\(output)' is there already; --force replaces it.")
    }
    let (model, compiled) = try trained.load()
    let wanted = model.graph.variables.filter { all || $0.role == .parameter || $0.role == .statistic }
    let arrays = try wanted.map { (name: $0.name, array: try compiled.value(of: $0.name)) }
    if output.hasSuffix(".npz") {
      try NPZ.write(arrays, to: file)
    } else {
      try Safetensors.write(arrays, metadata: ["model": model.name], to: file)
    }
    let elements = arrays.reduce(0) { $0 + $1.array.count }
    try format.print(
      Exported(model: model.name, file: output, variables: arrays.count, elements: elements),
      text: "\(output): \(arrays.count) variables of \(model.name), \(elements.grouped) numbers", besides: [file])
  }
}
