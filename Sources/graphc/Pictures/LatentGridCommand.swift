import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc latent-grid`: a walk through a two-dimensional latent space.
struct LatentGridCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latent-grid", abstract: "Draw the images of a grid of points in a two-dimensional latent space.",
    discussion: """
      The points are quantiles of the prior along both axes: of what the signature 'prior' draws, if the model has one, \
      else of the standard normal distribution. 'decode' gives their images.
      """)

  @OptionGroup var trained: TrainedModelOptions
  @Option(parsing: .unconditional, help: "The images in a row, and the rows.") var size = 20
  @OptionGroup var picture: PictureOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard (2...100).contains(size) else {
      throw ValidationError("A latent grid has from 2 to 100 images a side, not \(size).")
    }
  }

  func run() throws {
    let (model, compiled) = try trained.load { try $0.requirePlane(for: "a latent grid") }
    let latent = LatentModel(compiled)
    let grid = try LatentGrid(size: size, priorSamples: latent.priorSamples())
    let file = try picture.place("latent-grid.png", for: model)
    let title = "\(model.name): images of codes, which are quantiles of the prior"
    try grid.sheet(of: latent.decode(grid.codes), title: title).write(to: file)
    try format.print(
      Drawn(model: model.name, file: file.relativePath, count: size * size),
      text: "\(file.relativePath): \(size) x \(size) images of the latent space of \(model.name)", besides: [file])
  }
}
