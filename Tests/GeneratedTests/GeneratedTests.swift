import Elbow
import ElbowExamples
import Foundation
import Synchronization
import TestFolders
import Testing

/// `generated/`: what the compiler emits for the examples, and that it works without Swift.
///
/// `ELBOW_RECORD=1 swift test --filter GeneratedTests` writes the folder anew.
@Suite("Emitted C of the examples", .serialized)
struct GeneratedTests {
  private let work: TemporaryFolder

  init() throws { work = try TemporaryFolder() }

  @Test("generated/ is what the compiler emits", arguments: GeneratedExample.names)
  func isCurrent(name: String) throws {
    let files = try GeneratedExample.files(of: name)
    try expectCurrent(files.filter { !GeneratedExample.isShared($0.key) }, in: name)
    try expectCurrent(files.filter { GeneratedExample.isShared($0.key) }, in: "include")
  }

  private func expectCurrent(_ expected: [String: String], in name: String) throws {
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
    let files = try GeneratedExample.files(of: name)
    try GeneratedExample.write(files, to: work.url)

    let program = work.file("program")
    let driver = GeneratedExample.driver(name)
    let sources = files.keys.filter { $0.hasSuffix(".c") }.map { work.file($0).path } + [driver.path]
    // GCC takes twice as long as clang: functions are inlined in the smallest examples alone.
    let isSmall = compiler == "gcc" && files.count > 23
    let flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-Wno-psabi", "-I", work.path]
    let objects = try objects(
      of: sources, by: #require(RunningProcess.find(compiler)), flags + (isSmall ? ["-DELBOW_SMALL"] : []), in: work.url
    )
    let built = try RunningProcess(
      #require(RunningProcess.find(compiler)), objects + ["-lm", "-lpthread", "-o", program.path]
    ).finish()
    #expect(built.status == 0 && built.output.isEmpty, "\(compiler): \(built.output.prefix(4000))")
    guard built.status == 0 else { return }

    let outcome = try RunningProcess(program, []).finish()
    #expect(outcome.status == 0 && outcome.output.hasSuffix("OK\n"), "\(outcome.output.suffix(2000))")
  }

  /// Compiles files side by side.
  private func objects(of sources: [String], by compiler: URL, _ flags: [String], in folder: URL) throws -> [String] {
    let objects = sources.indices.map { folder.appendingPathComponent("\($0).o").path }
    let waiting = Mutex(sources.indices[...])
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: max(2, ProcessInfo.processInfo.activeProcessorCount)) { _ in
      while let index = waiting.withLock({ $0.popFirst() }) {
        let outcome = try? RunningProcess(compiler, flags + ["-c", sources[index], "-o", objects[index]]).finish()
        if outcome?.status != 0 || outcome?.output.isEmpty == false {
          failures.withLock { $0.append("\(sources[index]): \(outcome?.output.prefix(4000) ?? "not started")") }
        }
      }
    }
    #expect(failures.withLock { $0 } == [])
    return objects
  }
}
