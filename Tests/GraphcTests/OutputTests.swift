import Foundation
import Testing

/// Output that cannot be written is an error, whatever the command.
@Suite struct OutputTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  @Test func fullDevicesAndClosedPipes() throws {
    #expect(try graphc("build", "cs20-regression", "-o", "model.so").status == 0)
    try graphc.writeArray([Float](repeating: 1, count: 7), shape: [1, 7], to: "x.npy")
    let reasons: [(Graphc.Destination, String)] = [(.full, "No space left on device"), (.closed, "Broken pipe")]
    for arguments in [
      "--help", "--version", "examples", "examples --json", "inspect cs20-regression --dot",
      "run model.so predict --input features=x.npy",
    ] {
      for (place, reason) in reasons {
        let outcome = try graphc.run(arguments.split(separator: " ").map(String.init), output: place)
        #expect(outcome.status == 1, "\(arguments)")
        #expect(outcome.errors == "error: The output cannot be written: \(reason).\n", "\(arguments)")
      }
    }
    // Where not even that can be said.
    #expect(try graphc.run(["examples"], output: .full, errors: .closed).status == 1)
    #expect(try graphc.run(["sample", "no-such-model"], errors: .full).status == 1)
  }
}
