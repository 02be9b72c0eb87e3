import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc latent-scatter`: where a trained model puts examples.
struct LatentScatterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latent-scatter", abstract: "Draw the codes of held-out examples, coloured by their labels.",
    discussion: """
      The model has a signature 'encode' whose first output is codes of two dimensions. The data set's column 'labels' \
      gives the colours, if it has one.
      """)

  @OptionGroup var trained: TrainedModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var picture: PictureOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    let (model, compiled) = try trained.load {
      try $0.require(.encode)
      if $0[.decode] != nil { try $0.requirePlane(for: "a scatter plot") }
    }
    let examples = try data.load(for: model).validation
    let codes = try LatentModel(compiled).encode(examples)
    let labels = examples.columnNames.contains("labels") ? try examples["labels"] : nil
    let isClass = labels.map { $0.dtype.isInteger && $0.shape.count == 1 } ?? false
    let plot = try Plot.latentScatter(
      codes: codes, labels: isClass ? labels : nil,
      title: "\(model.name): codes of \(examples.count) examples of \(examples.name)")
    let file = try picture.place("latent-scatter.png", for: model)
    try plot.write(to: file)
    try format.print(
      Drawn(model: model.name, file: file.relativePath, count: examples.count),
      text: "\(file.relativePath): the codes of \(examples.count) examples of \(examples.name)", besides: [file])
  }
}
