import Elbow
import Testing

@Suite struct RunProgramTests {
  /// A sentence and the exit code 1, no crash.
  @Test func anErrorEndsTheProgram() async throws {
    let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
      runProgram { throw ElbowError(.shape, "It does not fit.", notes: ["try another"]) }
    }
    let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(said == "error: It does not fit.\n  note: try another\n")
  }
}
