import ArgumentParser
import Elbow
import Foundation

/// `graphc explain`: a signature at any stage between graph and C.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Print a signature's program at a stage of compilation.",
    discussion: """
      Stages, in order: built; passes (before and after each one) or the name of a pass; schedule; memory; c. The \
      passes are \(ExplainCommand.passNames.joined(separator: ", ")).
      """)

  static var passNames: [String] {
    var seen: Set<String> = []
    return Pipeline.standard.map(\.name).filter { seen.insert($0).inserted }
  }

  @OptionGroup var source: GraphOptions
  @Option(help: "The signature; the first by default.") var signature: String?
  @Option(help: ArgumentHelp("Which stage.", valueName: "built|passes|PASS|schedule|memory|c"))
  var stage = "built"
  @OptionGroup var format: OutputOptions

  private struct Explanation: Encodable {
    let model: String
    let signature: String
    let stage: String
    let text: String
  }

  func run() throws {
    let model = try source.load()
    let chosen = try model.chosen(signature)
    let text = try explain(model, chosen)
    try format.print(Explanation(model: model.name, signature: chosen.name, stage: stage, text: text), text: text)
  }

  private func explain(_ model: Model, _ signature: Signature) throws -> String {
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

  private func schedule(_ program: Program) throws -> Schedule { try Schedule(Pipeline().run(program)) }

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
