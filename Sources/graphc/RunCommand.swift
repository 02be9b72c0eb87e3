import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc run`: a signature of a compiled library, on arrays in files.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a signature of a compiled model on NumPy files.",
    discussion:
      "graphc run vae.so decode --weights runs/cs20-vae/weights.safetensors --input code=code.npy --output images=x.npy. "
      + "Of files, - is standard input, or standard output, and the summary then goes to standard error.")

  @Argument(help: "The library that 'graphc build' made.") var library: String
  @Argument(help: "The signature; 'graphc inspect' lists them.") var signature: String
  @Option(name: .shortAndLong, help: ArgumentHelp("An input; may be repeated.", valueName: "name=file.npy"))
  var input: [NamedFile] = []
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where to write an output; may be repeated.", valueName: "name=file.npy"))
  var output: [NamedFile] = []
  @Option(
    help: ArgumentHelp("The weights; without them the model's first values are used.", valueName: "file.safetensors"))
  var weights: String?
  @Option(help: "Of everything random.") var seed: UInt64 = 0
  @Option(help: "How many threads share the work; 0 for one per core.") var threads = 0
  @OptionGroup var format: OutputOptions

  private struct Ran: Encodable {
    struct Output: Encodable {
      let name: String
      let dtype: String
      let shape: [Int]
      let file: String?
    }
    let signature: String
    let outputs: [Output]
    let seconds: Double
  }

  func run() throws {
    let model = try CompiledModel(contentsOf: URL(fileURLWithPath: library), seed: seed, threads: threads)
    let prepared = try model.prepare(signature)
    let known = prepared.signature.outputs.map(\.name)
    for wish in output where !known.contains(wish.name) {
      throw ElbowError(
        .feed, "The signature '\(signature)' has no output '\(wish.name)'; it has \(known.joined(separator: ", ")).")
    }
    if let weights { try Weights.load(URL(input: weights), into: model) }
    var feeds: [String: HostArray] = [:]
    for entry in input {
      guard feeds[entry.name] == nil else {
        throw ElbowError(.feed, "The input '\(entry.name)' is given twice.")
      }
      feeds[entry.name] = try NPY.read(contentsOf: URL(input: entry.file))
    }
    let (results, seconds) = try timed { try prepared.run(prepared.ordered(feeds)) }
    var outputs: [Ran.Output] = []
    var lines: [String] = []
    for (name, array) in zip(known, results) {
      let files = output.filter { $0.name == name }.map { URL(output: $0.file) }
      for file in files { try NPY.write(array, to: file) }
      outputs.append(
        .init(name: name, dtype: array.dtype.rawValue, shape: array.shape, file: files.first?.relativePath))
      lines.append("\(name): \(array.summary)" + files.map { " -> \($0.relativePath)" }.joined())
    }
    try format.print(
      Ran(signature: signature, outputs: outputs, seconds: seconds), text: lines.joined(separator: "\n"),
      besides: output.map { URL(output: $0.file) })
  }
}
