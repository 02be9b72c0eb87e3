import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc density`: what a trained model of points of the plane has learned.
struct DensityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "density", abstract: "Draw the density that a trained flow has learned, and points over it.",
    discussion: """
      The model has a signature 'log_prob' that takes points of the plane. The picture shows the part of the plane where \
      the held-out data are.
      """)

  /// The points drawn over the density.
  enum Points: String, ExpressibleByArgument, CaseIterable {
    case data, samples, none
  }

  @OptionGroup var trained: TrainedModelOptions
  @OptionGroup var data: DataOptions
  @Option(help: "What is drawn over the density: held-out data, samples of the model, or none.")
  var points = Points.samples
  @Option(parsing: .unconditional, help: "How many points.") var count = 1000
  @OptionGroup var picture: PictureOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard (1...100_000).contains(count) else {
      throw ValidationError("From 1 to 100000 points can be drawn, not \(count).")
    }
  }

  func run() throws {
    let (model, compiled) = try trained.load { try $0.require(.logProb) }
    let flow = try DensityModel(compiled)
    let heldOut = try data.load(for: model).validation
    let shown: HostArray? =
      switch points {
      case .data: try heldOut.prefix(count)[flow.inputName]
      case .samples: try flow.sample(count: count)
      case .none: nil
      }
    let file = try picture.place("density.png", for: model)
    let name = points == .data ? "held-out data" : "samples"
    try flow.plot(around: heldOut[flow.inputName], points: shown, pointsName: name).write(to: file)
    try format.print(
      Drawn(model: model.name, file: file.relativePath, count: shown?.shape[0] ?? 0),
      text: "\(file.relativePath): the density of \(model.name)", besides: [file])
  }
}
