import Elbow
import ElbowExamples
import Foundation
import Testing

/// `generated/`: what the compiler emits for the examples, and that it works without Swift.
///
/// `ELBOW_RECORD=1 swift test --filter GeneratedTests` writes the folder anew.
@Suite("Emitted C of the examples", .serialized)
struct GeneratedTests {
  @Test("generated/ is what the compiler emits", arguments: GeneratedExample.names)
  func isCurrent(name: String) throws {
    let expected = try GeneratedExample.make(name).files()
    let folder = GeneratedExample.root.appendingPathComponent("generated/\(name)")
    if ProcessInfo.processInfo.environment["ELBOW_RECORD"] == "1" {
      try GeneratedExample.write(expected, to: folder)
    }
    for (file, text) in expected {
      let found = try? String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      #expect(found == text, "generated/\(name)/\(file) differs; see what changed with ELBOW_RECORD=1 and git diff.")
    }
    let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    #expect(Set(found).subtracting(expected.keys) == [], "generated/\(name) holds files that are not emitted.")
  }

  @Test(
    "The emitted C trains and infers without Swift", arguments: GeneratedExample.names, GeneratedExample.compilers)
  func runs(name: String, compiler: String) throws {
    let work = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-generated-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: work) }
    let files = try GeneratedExample.make(name).files()
    try GeneratedExample.write(files, to: work)

    let program = work.appendingPathComponent("program")
    let driver = GeneratedExample.driver(name)
    let sources = files.keys.filter { $0.hasSuffix(".c") }.sorted().map { work.appendingPathComponent($0).path }
    let built = try RunningProcess(
      #require(RunningProcess.find(compiler)),
      ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-Wno-psabi", "-I", work.path] + sources
        + [driver.path, "-lm", "-lpthread", "-o", program.path]
    ).finish()
    #expect(built.status == 0 && built.output.isEmpty, "\(compiler): \(built.output.prefix(4000))")
    guard built.status == 0 else { return }

    let outcome = try RunningProcess(program, []).finish()
    #expect(outcome.status == 0 && outcome.output.hasSuffix("OK\n"), "\(outcome.output.suffix(2000))")
  }
}
