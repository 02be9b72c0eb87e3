import ArgumentParser
import Elbow
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "verify")
  func run() throws { throw ElbowError(.internal, "Not written yet.") }
}
