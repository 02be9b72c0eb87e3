import ArgumentParser
import Elbow
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "doctor")
  func run() throws { throw ElbowError(.internal, "Not written yet.") }
}
