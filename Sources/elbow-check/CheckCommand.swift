import ArgumentParser
import ElbowConsole

/// The command line of Elbow's own developers: `elbow-check SUBCOMMAND ...`.
///
/// It is apart from `graphc`, which need not wait for what it is made of.
@main
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "elbow-check",
    abstract: "Checks Elbow itself: against other systems' values, and on random graphs.",
    subcommands: [FuzzCommand.self, GoldenCommand.self])

  static func main() { runProgram() }
}
