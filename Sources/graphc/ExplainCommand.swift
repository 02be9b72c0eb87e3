import ArgumentParser
import Elbow
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "explain")
  func run() throws { throw ElbowError(.internal, "Not written yet.") }
}
