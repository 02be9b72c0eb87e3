import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc uncertainty`: how sure a trained classifier of random weights is.
struct UncertaintyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uncertainty", abstract: "Draw how sure a trained Bayesian classifier is of held-out examples.",
    discussion: """
      The model has a signature 'predict' that takes images and gives their class probabilities 'probs', for weights \
      that are drawn anew in each run. The picture has the examples it is most and least certain of, one that is turned, \
      and one that becomes another, each over the means of its probabilities and their standard deviations. H is the \
      entropy of the means in nats, and I the part of it that comes from the weights.
      """)

  @OptionGroup var trained: TrainedModelOptions
  @OptionGroup var data: DataOptions
  @Option(parsing: .unconditional, help: "Draws of the weights.") var draws = 100
  @Option(parsing: .unconditional, help: "The images in a row.") var columns = 8
  @OptionGroup var picture: PictureOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard (1...100_000).contains(draws) else {
      throw ValidationError("Weights are drawn from 1 to 100000 times, not \(draws).")
    }
    guard (1...50).contains(columns) else {
      throw ValidationError("A row has from 1 to 50 images, not \(columns).")
    }
  }

  private struct Summary: Encodable {
    let model: String
    let file: String
    let examples: Int
    let draws: Int
    let entropy: Double
    let information: Double
    var accuracy: Double?
    var certainHalfAccuracy: Double?
    var uncertainHalfAccuracy: Double?
  }

  func run() throws {
    let (model, compiled) = try trained.load {
      try $0.require(.predict)
    }
    let classifier = try ClassifierModel(compiled)
    let examples = try data.load(for: model).validation
    guard examples.count > 0 else {
      throw ElbowError(.data, "The data set \(examples.name) has no held-out examples.")
    }
    let says = try classifier.predict(examples[classifier.inputName], draws: draws)
    let file = try picture.place("uncertainty.png", for: model)
    try classifier.uncertaintySheet(of: examples, says, count: columns).write(to: file)
    var summary = Summary(
      model: model.name, file: file.relativePath, examples: examples.count, draws: draws,
      entropy: mean(says.entropies), information: mean(says.informations))
    if let labels = try examples.classLabels {
      let (order, half) = (says.byEntropy, (examples.count + 1) / 2)
      summary.accuracy = says.accuracy(of: order, labels: labels)
      summary.certainHalfAccuracy = says.accuracy(of: order.prefix(half), labels: labels)
      summary.uncertainHalfAccuracy = says.accuracy(of: order.dropFirst(half), labels: labels)
    }
    try format.print(summary, text: text(summary, examples), besides: [file])
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }

  private func text(_ summary: Summary, _ examples: Dataset) -> String {
    func percent(_ share: Double) -> String { (share * 100).fixed(1) + "%" }
    var lines = [
      "\(summary.file): what \(summary.model) says of \(summary.examples.grouped) examples of \(examples.name), "
        + "\(summary.draws.grouped) draws",
      "  entropy   \(summary.entropy.fixed(3)) nats, of which \(summary.information.fixed(3)) from the weights",
    ]
    if let accuracy = summary.accuracy {
      lines.append("  accuracy  \(percent(accuracy))")
    }
    // A single example has no other half.
    if let certain = summary.certainHalfAccuracy, let uncertain = summary.uncertainHalfAccuracy {
      lines[lines.count - 1] += "; of the more certain half \(percent(certain)), of the other \(percent(uncertain))"
    }
    return lines.joined(separator: "\n")
  }
}
