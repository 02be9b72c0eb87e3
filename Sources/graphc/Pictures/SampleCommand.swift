import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc sample`: what a trained model draws.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Draw samples of a trained model: a sheet of images, or points.",
    discussion: """
      The model has a signature 'sample' that takes nothing and gives images, or points of the plane. The same seed \
      draws the same samples. With a file name that ends in .npy they are written as numbers.
      """)

  @OptionGroup var trained: TrainedModelOptions
  @Option(parsing: .unconditional, help: "How many samples.") var count = 100
  @Option(parsing: .unconditional, help: "The samples in a row; by default about as many as there are rows.")
  var columns: Int?
  @OptionGroup var picture: PictureOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard (1...10_000).contains(count) else {
      throw ValidationError("From 1 to 10000 samples can be drawn, not \(count).")
    }
    if let columns, columns < 1 { throw ValidationError("A sheet has at least 1 column, not \(columns).") }
  }

  func run() throws {
    let (model, compiled) = try trained.load { try $0.require(.sample) }
    let points = try DensityModel.fits(compiled.manifest) ? DensityModel(compiled).sample(count: count) : nil
    let samples = try points ?? LatentModel(compiled).sample(count: count)
    let file = try picture.place("samples.png", for: model)
    if file.pathExtension == "npy" {
      try NPY.write(samples, to: file)
    } else if points != nil {
      try Plot.points(samples, title: "\(model.name): \(count) samples").write(to: file)
    } else {
      try ImageSheet(images: samples, columns: columns, title: "\(model.name): \(count) samples").write(to: file)
    }
    try format.print(
      Drawn(model: model.name, file: file.relativePath, count: count),
      text: "\(file.relativePath): \(count) samples of \(model.name)", besides: [file])
  }
}
