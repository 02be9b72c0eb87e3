import ArgumentParser
import Elbow
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "run")
  func run() throws { throw ElbowError(.internal, "Not written yet.") }
}
