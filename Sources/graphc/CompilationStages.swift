import Elbow

/// A signature at any stage on its way from graph to C, as text.
struct CompilationStages {
  private let model: Model
  private let signature: Signature
  private let passes: PassOptions
  private let options: BuildOptions
  private let program: Program

  init(_ model: Model, _ signature: Signature, _ passes: PassOptions, _ options: BuildOptions) throws {
    (self.model, self.signature, self.passes, self.options) = (model, signature, passes, options)
    program = try model.graph.program(signature).withLocations()
  }

  /// The names of stages, in order; those of passes besides.
  static let names = ["built", "passes", "kernels", "schedule-passes", "schedule", "memory", "c", "all"]

  /// - Parameter stage: One of ``names``, or the name of a pass.
  func text(_ stage: String) throws -> String {
    switch stage {
    case "built": return program.listing(locations: true)
    case "passes": return CompilationStages.joined([built] + (try programSteps().map(\.change)))
    case "kernels": return try scheduleSteps().kernels.listing
    case "schedule-passes": return try CompilationStages.joined(scheduleSteps().steps.map(\.change))
    case "schedule": return try passes.schedule(program, options.scheduling).listing
    case "memory": return try passes.schedule(program, options.scheduling).memoryListing
    case "c": return try c()
    case "all": return try all()
    default: break
    }
    let found = try (programSteps() + scheduleSteps().steps).filter { $0.name == stage }
    guard !found.isEmpty else {
      let passes = Pipeline.names + SchedulePipeline.names
      throw ElbowError(
        .invalidArgument,
        "There is no stage '\(stage)'; the stages are \(CompilationStages.names.joined(separator: ", ")), and the passes are "
          + "\(passes.joined(separator: ", ")).")
    }
    return CompilationStages.joined(found.map(\.text))
  }

  private var built: String { "// built\n" + program.listing(locations: false) }

  private func all() throws -> String {
    let (kernels, steps) = try scheduleSteps()
    return CompilationStages.joined(
      [built] + (try programSteps().map(\.change)) + ["// kernels\n" + kernels.listing]
        + steps.map(\.change) + ["// memory\n" + (try text("memory")), "// c\n" + (try c())])
  }

  private static func joined(_ parts: [String]) -> String { parts.joined(separator: "\n\n") }

  /// A pass, and what there was before it and after it.
  private struct Step {
    let name: String
    let before: String
    let after: String
    /// The counts that became more or less.
    var count = ""

    /// The result, if it changes anything.
    var change: String { before == after ? "// \(name) (unchanged)" : "// \(name)\(count)\n\(after)" }
    var text: String {
      before == after
        ? "// \(name) (unchanged)\n\(after)" : "// before \(name)\n\(before)\n\n// after \(name)\(count)\n\(after)"
    }
  }

  private func programSteps() throws -> [Step] {
    var steps: [Step] = []
    _ = try passes.pipeline.run(program) { pass, before, after in
      steps.append(
        Step(
          name: pass.name, before: before.listing(locations: false), after: after.listing(locations: false),
          count: ": \(before.nodes.count) -> \(after.nodes.count) nodes"))
    }
    return steps
  }

  private func scheduleSteps() throws -> (kernels: Schedule, steps: [Step]) {
    var (kernels, steps): (Schedule?, [Step]) = (nil, [])
    let schedule = try passes.scheduling.run(passes.pipeline.run(program), options.scheduling) { pass, before, after in
      kernels = kernels ?? before
      steps.append(
        Step(name: pass.name, before: before.listing, after: after.listing))
    }
    return (kernels ?? schedule, steps)
  }

  /// All files of the signature.
  private func c() throws -> String {
    var compiler = ModelCompiler(name: model.name, options: options)
    compiler.pipeline = passes.pipeline
    compiler.scheduling = passes.scheduling
    let library = try compiler.emit(model.graph, [signature])
    // The others are the same for all signatures.
    let own = library.sources.filter { $0.name != "\(library.prefix).c" && !$0.name.hasSuffix("_first_values.c") }
    return CompilationStages.joined((own.isEmpty ? library.sources : own).map(\.text))
  }
}
