import Elbow
import ElbowInference
import Foundation
import TestFolders
import Testing

/// The emitted C samples without Swift.
@Suite struct EmittedSamplerTests {
  @Test(arguments: [["-O1"], ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]])
  func aProgramInCDrawsFromEightSchools(_ flags: [String]) throws {
    try withTemporaryFolder { folder in
      try EightSchoolsTests.model(.nonCentered).emit(
        ["y": EightSchoolsTests.effects, "sigma": EightSchoolsTests.errors], to: folder)
      let main = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "eight_schools_main.c")
      let sources = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".c") }
      let program = folder.appendingPathComponent("program")
      let built = try run(
        "gcc",
        ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-psabi", "-I", folder.path] + flags
          + sources.sorted().map { folder.appendingPathComponent($0).path }
          + [main.path, "-o", program.path, "-lm", "-pthread"])
      try #require(built.status == 0, "\(built.output)")
      let ran = try run(program.path, [])
      #expect(ran.status == 0, "\(ran.output)")
      let mean = try #require(Double(ran.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(ran.output)")
      #expect(abs(mean - 4.38) < 0.5)
    }
  }

  private func run(_ command: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
