import ArgumentParser
import Elbow
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bench")
  func run() throws { throw ElbowError(.internal, "Not written yet.") }
}
