import ArgumentParser
import Elbow
import ElbowConsole
import Foundation

/// `graphc explain`: what a signature's kernels cost, or the signature at any stage between graph and C.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Print what a signature's kernels cost, or its program at a stage of compilation.",
    discussion: """
      Without a stage, kernels are listed after fusion, with the operations and bytes that they need at least, the time \
      that one thread of this machine could do that in, where memory goes, and why work is not cut into tiles. \
      --measure compiles the signature with timers and adds the time that each kernel takes.

      Stages, in order: built; passes, what each makes of the program; kernels; schedule-passes, what each makes of the \
      schedule; schedule; memory; c. The name of a pass shows what comes before it and after it; all shows everything. \
      Passes of the program: \(Pipeline.names.joined(separator: ", ")). Passes of the schedule: \
      \(SchedulePipeline.names.joined(separator: ", ")).

      To find out which pass is at fault, leave some out by --without.
      """)

  @OptionGroup var source: GraphOptions
  @Option(help: "The signature; by default 'train', or the first if there is a stage.") var signature: String?
  @Option(
    help: ArgumentHelp(
      "Which stage.", valueName: "built|passes|kernels|schedule-passes|schedule|memory|c|all|PASS"))
  var stage: String?
  @OptionGroup var passes: PassOptions
  @Option(parsing: .unconditional, help: "The examples in a batch, for costs.")
  var batchSize = 100
  @Flag(help: "Measure the time of each kernel, on one thread.") var measure = false
  @Option(help: ArgumentHelp("How long --measure runs the signature.", valueName: "seconds"))
  var duration = 1.0
  @OptionGroup var toolchain: ToolchainOptions
  @OptionGroup var format: OutputOptions

  private struct Explanation: Encodable {
    let model: String
    let signature: String
    let stage: String
    let text: String
  }

  func validate() throws {
    guard batchSize >= 1 else { throw ValidationError("A batch needs at least 1 example, not \(batchSize).") }
    guard duration > 0, duration <= 3600 else {
      throw ValidationError("The duration is more than 0 and at most 3600 seconds, not \(duration).")
    }
    if stage != nil, measure {
      throw ValidationError("A stage has nothing to measure: leave out --stage or --measure.")
    }
  }

  func run() throws {
    let model = try source.load()
    guard let stage else { return try printCosts(model) }
    let chosen = try model.chosen(signature)
    let text = try CompilationStages(model, chosen, passes, toolchain.build).text(stage)
    try format.print(Explanation(model: model.name, signature: chosen.name, stage: stage, text: text), text: text)
  }

  private func printCosts(_ model: Model) throws {
    let chosen = try model.chosen(signature ?? model.train?.name)
    let options = try ModelCompiler(name: model.name, options: toolchain.build)
      .tuned(for: model.signatures.map { try model.graph.program($0) }, in: ArtifactCache.standard()).options
    let schedule = try passes.schedule(model.graph.program(chosen).withLocations(), options.scheduling)
    let symbols = Extents(schedule.program, batchSize: batchSize).symbols
    let analysis = try ScheduleAnalysis(schedule, symbols: symbols)
    var roofline: Roofline?
    do {
      roofline = Roofline(
        flopsPerSecond: try FMAPeak.measure(threads: 1, toolchain.build) * 1e9,
        levels: try MemoryBandwidth.measure(toolchain.build))
    } catch let error as ElbowError where !measure {
      Console.report("times are not predicted: \(error.message)")
    }
    let profile =
      try measure
      ? KernelProfile.measure(chosen, of: model, batchSize: batchSize, duration: duration, options) : nil
    let report = CostReport(model.name, chosen.name, batchSize: batchSize, analysis, roofline, profile)
    try format.print(report, text: report.text)
  }
}
