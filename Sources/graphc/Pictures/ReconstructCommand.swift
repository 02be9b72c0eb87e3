import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc reconstruct`: examples over what a trained model makes of their codes.
struct ReconstructCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct", abstract: "Draw held-out examples over their reconstructions.",
    discussion: """
      The model has the signatures 'encode', whose first output is the codes, and 'decode', which gives images of \
      them. In the sheet each row of examples lies over the row of their reconstructions.
      """)

  @OptionGroup var trained: TrainedModelOptions
  @OptionGroup var data: DataOptions
  @Option(parsing: .unconditional, help: "How many examples, the first held-out ones.") var count = 20
  @Option(parsing: .unconditional, help: "The examples in a row.") var columns = 10
  @OptionGroup var picture: PictureOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard (1...10_000).contains(count) else {
      throw ValidationError("From 1 to 10000 examples can be reconstructed, not \(count).")
    }
    guard columns >= 1 else { throw ValidationError("A sheet has at least 1 column, not \(columns).") }
  }

  func run() throws {
    let (model, compiled) = try trained.load {
      try $0.require(.encode)
      try $0.require(.decode)
    }
    let examples = try data.load(for: model).validation.prefix(count)
    let (originals, reconstructions) = try LatentModel(compiled).reconstruct(examples)
    let file = try picture.place("reconstructions.png", for: model)
    let title = "\(model.name): \(examples.name), over what the model makes of them"
    try ImageSheet(originals: originals, reconstructions: reconstructions, columns: columns, title: title)
      .write(to: file)
    try format.print(
      Drawn(model: model.name, file: file.relativePath, count: examples.count),
      text:
        "\(file.relativePath): \(examples.count) examples of \(examples.name) over what \(model.name) makes of them",
      besides: [file])
  }
}
