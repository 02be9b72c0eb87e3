import ArgumentParser
import Elbow
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

      Stages, in order: built; passes (before and after each one) or the name of a pass; schedule; memory; c. The \
      passes are \(ExplainCommand.passNames.joined(separator: ", ")).
      """)

  static var passNames: [String] {
    var seen: Set<String> = []
    return Pipeline.standard.map(\.name).filter { seen.insert($0).inserted }
  }

  @OptionGroup var source: GraphOptions
  @Option(help: "The signature; by default 'train', or the first if there is a stage.") var signature: String?
  @Option(help: ArgumentHelp("Which stage.", valueName: "built|passes|PASS|schedule|memory|c"))
  var stage: String?
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
    let text = try explain(model, chosen, stage)
    try format.print(Explanation(model: model.name, signature: chosen.name, stage: stage, text: text), text: text)
  }

  private func printCosts(_ model: Model) throws {
    let chosen = try model.chosen(signature ?? model.train?.name)
    let options = try ModelCompiler(name: model.name, options: toolchain.build)
      .tuned(for: model.signatures.map { try model.graph.program($0) }, in: ArtifactCache.standard()).options
    let schedule = try schedule(model.graph.program(chosen).withLocations())
    let symbols = Extents(schedule.program, batchSize: batchSize).symbols
    let analysis = try ScheduleAnalysis(
      schedule, symbols: symbols, tileRows: options.tileRows, contractions: options.contractions)
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

  private func explain(_ model: Model, _ signature: Signature, _ stage: String) throws -> String {
    let program = try model.graph.program(signature).withLocations()
    switch stage {
    case "built": return program.listing(locations: true)
    case "passes": return try passes(program)
    case "schedule": return ScheduleListing(try schedule(program)).text
    case "memory":
      let schedule = try schedule(program)
      return ScheduleListing(schedule).memoryText
    case "c": return try c(model, signature)
    default:
      guard ExplainCommand.passNames.contains(stage) else {
        let stages = ["built", "passes"] + ExplainCommand.passNames + ["schedule", "memory", "c"]
        throw ElbowError(
          .invalidArgument, "There is no stage '\(stage)'; the stages are \(stages.joined(separator: ", ")).")
      }
      var after = program
      _ = try Pipeline().run(program) { pass, _, result in if pass.name == stage { after = result } }
      return after.listing(locations: true)
    }
  }

  private func schedule(_ program: Program) throws -> Schedule {
    try Schedule(Pipeline().run(program), isVerified: true)
  }

  private func passes(_ program: Program) throws -> String {
    var parts = ["// built\n" + program.listing(locations: false)]
    _ = try Pipeline().run(program) { pass, before, after in
      let (old, new) = (before.listing(locations: false), after.listing(locations: false))
      let count = "\(before.nodes.count) -> \(after.nodes.count) nodes"
      parts.append(old == new ? "// \(pass.name) (unchanged)" : "// \(pass.name): \(count)\n" + new)
    }
    return parts.joined(separator: "\n\n")
  }

  private func c(_ model: Model, _ signature: Signature) throws -> String {
    let library = try ModelCompiler(name: model.name).emit(model.graph, [signature])
    // The signature's own file; the others are the same for all.
    let own = library.sources.first { $0.name != "\(library.prefix).c" && !$0.name.hasSuffix("_first_values.c") }
    return own?.text ?? library.sources.map(\.text).joined(separator: "\n")
  }
}
