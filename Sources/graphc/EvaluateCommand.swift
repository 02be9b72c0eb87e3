import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc evaluate`: how good a trained model is on data it has not seen.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Compute a trained model's losses, ELBO and importance-weighted bound.",
    discussion: """
      The losses are those of the signature 'evaluate', means over the held-out examples. With --samples K, the \
      signature 'importance' gives the logarithm of p(x, z) / q(z | x) for K draws of z for each example, and the bound \
      is the mean over examples of the logarithm of the mean over draws (Burda et al. 2016). It is tighter than the \
      ELBO, and all the more so the more draws.
      """)

  @OptionGroup var trained: TrainedModelOptions
  @OptionGroup var data: DataOptions
  @Option(parsing: .unconditional, help: ArgumentHelp("Draws of each code for the bound; 0 for none.", valueName: "k"))
  var samples = 0
  @Option(parsing: .unconditional, help: "The examples in a batch.") var batchSize = 100
  @Flag(help: "Use the training examples.") var training = false
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard samples >= 0 else { throw ValidationError("The number of draws is at least 0, not \(samples).") }
    guard batchSize >= 1 else { throw ValidationError("A batch needs at least 1 example, not \(batchSize).") }
  }

  private struct Evaluation: Encodable {
    let model: String
    let dataset: String
    let examples: Int
    let losses: [String: Double]
    let elbo: Double?
    var samples: Int?
    var importanceBound: Double?
    var standardError: Double?
    /// The ELBO from the same draws as the bound.
    var sampledElbo: Double?
    let seconds: Double
  }

  func run() throws {
    let (model, compiled) = try trained.load {
      try $0.require(.evaluate)
      if samples > 0 { try $0.require(.importance) }
    }
    let split = try data.load(for: model)
    let examples = training ? split.training : split.validation
    guard examples.count > 0 else {
      throw ElbowError(.data, "The data set \(examples.name) has no \(training ? "training" : "held-out") examples.")
    }
    let start = ContinuousClock.now
    let losses = try Trainer(model, compiled: compiled)
      .evaluate(on: DataPipeline(examples, batchSize: batchSize), trainingCount: split.training.count)
    let bound =
      samples > 0
      ? try LatentModel(compiled).importanceBound(on: examples, samples: samples, batchSize: batchSize) : nil
    let evaluation = Evaluation(
      model: model.name, dataset: examples.name, examples: examples.count,
      losses: Dictionary(losses.map { ($0.name, $0.value) }) { first, _ in first },
      elbo: losses.evidenceLowerBound, samples: bound?.samples,
      importanceBound: bound?.bound, standardError: bound?.standardError, sampledElbo: bound?.evidenceLowerBound,
      seconds: (ContinuousClock.now - start).inSeconds)
    try format.print(evaluation, text: text(evaluation, losses, bound))
  }

  private func text(_ evaluation: Evaluation, _ losses: [NamedLoss], _ bound: ImportanceBound?) -> String {
    var rows = TrainingDisplay.ordered(losses).filter { $0.name != "elbo" }.map { [$0.name, $0.value.fixed(3)] }
    if let elbo = evaluation.elbo { rows.append(["ELBO", elbo.fixed(3)]) }
    if let bound {
      rows.append(["ELBO, \(bound.samples) draws", bound.evidenceLowerBound.fixed(3)])
      rows.append([
        "importance-weighted bound, K = \(bound.samples)",
        "\(bound.bound.fixed(3)) +- \(bound.standardError.fixed(3))",
      ])
    }
    return "\(evaluation.model) on \(evaluation.examples.grouped) examples of \(evaluation.dataset)\n"
      + Console.table(rows.map { ["  " + $0[0], $0[1]] }, left: [0, 1])
  }
}
