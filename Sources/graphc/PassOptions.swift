import ArgumentParser
import Elbow

/// The passes that are left out, to find the one that is at fault.
struct PassOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A pass to leave out; may be given several times.", valueName: "pass"))
  var without: [String] = []

  func validate() throws {
    let known = Pipeline.optional + SchedulePipeline.optional
    if let unknown = without.first(where: { !known.contains($0) }) {
      throw ValidationError(
        "There is no pass '\(unknown)' that can be left out; these can: \(known.joined(separator: ", ")).")
    }
  }

  var pipeline: Pipeline { Pipeline().without(Set(without)) }
  var scheduling: SchedulePipeline { SchedulePipeline(isVerified: true).without(Set(without)) }

  func schedule(_ program: Program, _ options: SchedulingOptions) throws -> Schedule {
    try scheduling.run(pipeline.run(program), options)
  }
}
