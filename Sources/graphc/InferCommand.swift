import ArgumentParser
import Elbow
import ElbowConsole
import ElbowInference
import Foundation

/// `graphc infer`: draws from the posterior of a built-in model.
struct InferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer", abstract: "Draw from the posterior of a Bayesian model, by NUTS.",
    discussion: """
      Built-in models: \(InferenceExamples.all.map { "\($0.name) (\($0.abstract.dropLast()))" }.joined(separator: "; ")). \
      The model's log density and its gradient are compiled to C, and the sampler runs there. Below the table of means and \
      quantiles stands in words what is wrong with the chains, if anything is.
      """)

  enum Metric: String, ExpressibleByArgument, CaseIterable { case fisher, diagonal, dense }

  @Argument(help: ArgumentHelp("A built-in model.", valueName: "model")) var name: String
  @Option(parsing: .unconditional, help: "How many chains.") var chains = 4
  @Option(parsing: .unconditional, help: "How many draws of each chain are for the warm-up.") var warmup = 1000
  @Option(parsing: .unconditional, help: "How many draws of each chain are kept.") var draws = 1000
  @Option(help: "What everything random follows from.") var seed: UInt64 = 0
  @Option(parsing: .unconditional, help: "How many threads draw chains; 0 is one per core.") var threads = 0
  @Option(help: "How scales are learned.") var metric = Metric.fisher
  @Option(help: "The acceptance that the step is chosen for, between 0 and 1; the model's unless it is given.")
  var targetAcceptance: Double?
  @Option(name: [.short, .long], help: ArgumentHelp("A NumPy archive for the draws.", valueName: "file"))
  var output: String?

  func run() throws {
    guard let example = InferenceExamples.all.first(where: { $0.name == name }) else {
      throw ElbowError(
        .invalidArgument,
        "There is no built-in model '\(name.printable())' to draw from. There "
          + "\(InferenceExamples.all.count == 1 ? "is" : "are") "
          + InferenceExamples.all.map { "'\($0.name)'" }.joined(separator: ", ") + ".")
    }
    var options = SamplerOptions()
    (options.chains, options.warmup, options.draws, options.seed) = (chains, warmup, draws, seed)
    options.threads = threads
    options.metric = SamplerOptions.Metric(rawValue: metric.rawValue) ?? .fisher
    options.targetAcceptance = targetAcceptance ?? example.targetAcceptance
    let compiled = try example.model.compile(example.data) { Console.report("\($0)") }
    let start = ContinuousClock.now
    let posterior = try compiled.sample(options)
    let seconds = (ContinuousClock.now - start).inSeconds
    try Console.print(posterior.summary.description)
    let total = posterior.statistics.reduce(0) { $0 + $1.count }
    let steps = posterior.statistics.joined().reduce(0) { $0 + $1.steps }
    try Console.print("\n\(total) draws of \(chains) chains, \(steps) steps, in \(seconds.fixed(3)) s")
    if let output { try posterior.write(to: URL(fileURLWithPath: output)) }
  }
}
