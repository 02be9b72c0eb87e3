import ArgumentParser
import Elbow
import ElbowConsole

/// The command line: `graphc SUBCOMMAND ...`.
@main
struct GraphcCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graphc",
    abstract: "Compiles, trains and runs probabilistic models.",
    discussion: """
      A GRAPH is the name of a built-in model ('graphc examples' lists them) or a saved graph. Compiled code is kept \
      in $XDG_CACHE_HOME/elbow, or ~/.cache/elbow.
      """,
    version: ElbowVersion.current,
    subcommands: [
      BenchCommand.self, BuildCommand.self, DensityCommand.self, DoctorCommand.self, EmitCommand.self,
      EvaluateCommand.self, ExamplesCommand.self, ExplainCommand.self, ExportCommand.self, InferCommand.self,
      InspectCommand.self, LatentGridCommand.self, LatentScatterCommand.self, NewCommand.self, ReconstructCommand.self,
      RunCommand.self, SampleCommand.self, TrainCommand.self, TuneCommand.self, UncertaintyCommand.self,
      VerifyCommand.self,
    ])

  static func main() { runProgram() }
}
