import ArgumentParser
import Elbow
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect")
  func run() throws { throw ElbowError(.internal, "Not written yet.") }
}
