import ArgumentParser
import Elbow
import Foundation

/// The command line: `graphc SUBCOMMAND ...`.
///
/// It ends with 0 when all is well, 1 after an error, and 64 when the arguments make no sense.
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
      EvaluateCommand.self,
      ExamplesCommand.self, ExplainCommand.self, ExportCommand.self, FuzzCommand.self, InspectCommand.self,
      LatentGridCommand.self,
      LatentScatterCommand.self, NewCommand.self, ReconstructCommand.self, RunCommand.self, SampleCommand.self,
      TrainCommand.self, TuneCommand.self, UncertaintyCommand.self, VerifyCommand.self,
    ])

  static func main() {
    // A pipe that nobody reads shows when it is written to, which is explained; the signal would end the process at once.
    signal(SIGPIPE) { _ in }
    // So does a file that would become larger than the system allows this user's to be.
    signal(SIGXFSZ) { _ in }
    do {
      do {
        var command = try parseAsRoot()
        try command.run()
      } catch  where !(error is ElbowError) {
        try end(error)
      }
    } catch {
      Console.report("\(withoutOwnLine(error))")
      Foundation.exit(EXIT_FAILURE)
    }
  }

  /// An error as users of the command see it: a line of the command itself tells them nothing, one of their model's file does.
  private static func withoutOwnLine(_ error: any Error) -> any Error {
    guard var error = error as? ElbowError, error.location?.file.hasPrefix("graphc/") == true else { return error }
    error.location = nil
    return error
  }

  /// Ends with what ArgumentParser has to say, such as help or why the arguments make no sense.
  private static func end(_ error: any Error) throws {
    let (text, code) = (fullMessage(for: error), exitCode(for: error))
    if code.isSuccess { try Console.print(text) } else if !text.isEmpty { Console.report(text) }
    Foundation.exit(code.rawValue)
  }
}
