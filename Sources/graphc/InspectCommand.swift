import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc inspect`: what a model or library is made of.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show a model's signatures, shapes, parameters, work and memory.")

  @Argument(help: "A built-in model's name, a saved graph (- for standard input), or a compiled library (.so).")
  var subject: String
  @Option(parsing: .unconditional, help: "The extent that symbolic dimensions have in estimates.")
  var batchSize = 100
  @Flag(help: "Print a signature's graph, after the passes, for Graphviz.")
  var dot = false
  @Option(
    help: ArgumentHelp(
      "Write a page with the layers, the kernels and what they cost, and the memory of every signature.",
      valueName: "file"))
  var html: String?
  @Option(help: "The signature for --dot; the first by default.")
  var signature: String?
  @OptionGroup var format: OutputOptions

  @OptionGroup(title: "Built-in models") var settings: SettingsOptions

  func validate() throws {
    guard batchSize >= 1 else { throw ValidationError("A batch needs at least 1 example, not \(batchSize).") }
    if dot, html != nil { throw ValidationError("A graph is drawn with --dot or --html, not both at once.") }
  }

  private struct Written: Encodable {
    let model: String
    let file: String
    let bytes: Int
  }

  func run() throws {
    if subject.hasSuffix(".so") {
      guard !dot, html == nil else { throw ElbowError(.invalidArgument, "A compiled library has no graph to draw.") }
      return try inspect(LibraryImage(contentsOf: URL(fileURLWithPath: subject)).manifest)
    }
    let model = try ModelSource.load(subject, settings.settings)
    if dot {
      let chosen = try model.chosen(signature)
      return try Console.print(GraphvizDrawing(Pipeline().run(model.graph.program(chosen))).text)
    }
    if let html {
      let page = try ModelPage(model: model, batchSize: batchSize).text()
      let file = URL(output: html)
      try AtomicFile.write(Data(page.utf8), to: file)
      return try format.print(
        Written(model: model.name, file: html, bytes: page.utf8.count),
        text: "\(html): \(model.name), \(page.utf8.count.grouped) bytes", besides: [file])
    }
    let report = try ModelReport(model, batchSize: batchSize)
    try format.print(report, text: report.text)
  }

  private func inspect(_ manifest: Manifest) throws {
    var lines = [
      "\(manifest.name): for \(manifest.target.architecture), state of \(manifest.stateByteCount.grouped) bytes",
      "compiled by \(manifest.compiler.version) with \(manifest.compiler.flags.joined(separator: " "))",
      "needs "
        + (manifest.target.features.isEmpty ? "no CPU features" : manifest.target.features.joined(separator: " ")),
    ]
    func typed(_ name: String, _ dtype: DType, _ shape: [ManifestDimension]) -> String {
      "\(name): \(dtype)[\(shape.map(\.description).joined(separator: ", "))]"
    }
    for signature in manifest.signatures {
      let inputs = signature.inputs.map { typed($0.name, $0.dtype, $0.shape) + ($0.hasDefault ? " (optional)" : "") }
      let outputs = signature.outputs.map { typed($0.name, $0.dtype, $0.shape) }
      lines.append("\(signature.name)(\(inputs.joined(separator: ", "))) -> (\(outputs.joined(separator: ", ")))")
    }
    lines.append(
      Console.table(manifest.variables.map { ["  \($0.name)", "\($0.dtype)\($0.shape)", $0.role.rawValue] }))
    try format.print(manifest, text: lines.joined(separator: "\n"))
  }
}

extension Model {
  /// The signature of that name; the first without one.
  func chosen(_ name: String?) throws -> Signature {
    let names = signatures.map(\.name).joined(separator: ", ")
    guard let found = name.map({ self[$0] }) ?? signatures.first else {
      throw ElbowError(.invalidArgument, "The model '\(self.name)' has no signature '\(name ?? "")'; it has \(names).")
    }
    return found
  }
}
