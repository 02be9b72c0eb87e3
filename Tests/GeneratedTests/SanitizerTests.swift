import Elbow
import ElbowExamples
import ElbowFuzz
import Foundation
import Testing

/// Emitted C under compilers' sanitizers: no address that is not the model's or the caller's, nothing that C leaves undefined,
/// no memory that two threads write to at once, and none that is left behind.
///
/// The tests take a sample; with `ELBOW_SANITIZE=all` all examples and 200 random graphs (`Scripts/sanitize`).
@Suite("Sanitizers", .serialized)
struct SanitizerTests {
  typealias Sanitizer = SanitizedModel.Sanitizer

  private static let isComplete = ProcessInfo.processInfo.environment["ELBOW_SANITIZE"] == "all"
  private static let sanitizers = Sanitizer.allCases.filter(SanitizedModel.isHere)
  /// Two small ones, for 32 bits one.
  private static let examples: [(String, Sanitizer)] = sanitizers.flatMap { sanitizer in
    let sample = sanitizer == .undefined32 ? ["cs20-regression"] : ["cs20-regression", "cs20-classification"]
    return (isComplete ? GeneratedExample.names : sample).map { ($0, sanitizer) }
  }
  private static let sampledGraphs = isComplete ? 200 : FuzzCase.blockSize
  private static let blocks: [(Range<Int>, Sanitizer)] = sanitizers.flatMap { sanitizer in
    stride(from: 0, to: sanitizer == .undefined32 && !isComplete ? 0 : sampledGraphs, by: FuzzCase.blockSize).map {
      ($0..<min($0 + FuzzCase.blockSize, sampledGraphs), sanitizer)
    }
  }

  /// GCC comes with them.
  @Test("Sanitizers can be linked", .enabled(if: RunningProcess.find("gcc") != nil, "no gcc"))
  func sanitizersAreHere() {
    #expect(Self.sanitizers.contains(.addressAndUndefined) && Self.sanitizers.contains(.thread))
  }

  @Test("Examples", arguments: examples)
  func example(name: String, sanitizer: Sanitizer) throws {
    let example = try GeneratedExample.make(name)
    let compiler = ModelCompiler(name: name, options: BuildOptions(target: .generic))
    try expectClean(SanitizedModel(library: compiler.emit(example.graph, example.signatures)), sanitizer, name)
  }

  @Test("Random graphs", arguments: blocks)
  func randomGraphs(indices: Range<Int>, sanitizer: Sanitizer) throws {
    let library = try CaseGenerator(seed: 41).emittedLibrary(indices, name: "graphs")
    try expectClean(SanitizedModel(library: library), sanitizer, "graphs \(indices)")
  }

  private func expectClean(_ model: SanitizedModel, _ sanitizer: Sanitizer, _ what: String) throws {
    let (isRight, output) = try model.outcome(sanitizer)
    #expect(isRight, "\(what), \(sanitizer): \(output.prefix(6000))")
    if Self.isComplete { print("\(what), \(sanitizer): \(output.split(separator: "\n").dropLast().last ?? "")") }
  }
}
