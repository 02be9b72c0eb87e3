import ElbowArrays
import ElbowCodegen
import ElbowGraph
import ElbowPasses
import ElbowRuntime
import Foundation

/// Compiles cases that share a library setup into one library, and runs each.
struct BlockRunner {
  /// The events, in order; the last thing that began tells what a crash was about.
  enum Event: Codable {
    /// A step of a case begins: `schedule` or `run`.
    case began(step: String, index: Int)
    /// The cases are compiled.
    case compiling([Int])
    case found(Finding)
    /// The case was run, and is right as far as can be told.
    case passed(index: Int)
    case done
  }

  let setup: LibrarySetup
  let cache: ArtifactCache
  /// The passes; tests put a wrong one among them.
  var pipeline = Pipeline()
  let report: (Event) throws -> Void

  init(setup: LibrarySetup, cache: ArtifactCache, report: @escaping (Event) throws -> Void) {
    self.setup = setup
    self.cache = cache
    self.report = report
  }

  private var compiler: ModelCompiler {
    var compiler = ModelCompiler(name: "fuzz", options: setup.buildOptions)
    compiler.pipeline = pipeline
    return compiler
  }

  func run(_ cases: [FuzzCase]) throws {
    var ready: [PreparedCase] = []
    var verifying = compiler
    verifying.scheduling.isVerified = true
    for fuzzCase in cases {
      try report(.began(step: "schedule", index: fuzzCase.index))
      do {
        let prepared = try PreparedCase(fuzzCase)
        for program in prepared.compiled + [prepared.initializer] { _ = try verifying.schedule(program) }
        ready.append(prepared)
      } catch {
        try report(.found(Finding(index: fuzzCase.index, kind: .refused, message: "\(error)")))
      }
    }
    try runTogether(ready)
  }

  /// Compiles the cases into one library; if that fails, into one for each half.
  private func runTogether(_ cases: [PreparedCase]) throws {
    guard !cases.isEmpty else { return }
    try report(.compiling(cases.map(\.index)))
    let library: URL
    do {
      let merged = try MergedPrograms(cases)
      library = try compiler.compile(merged.programs, initializer: merged.initializer, cache: cache)
    } catch {
      guard cases.count > 1, canCompile() else {
        return try report(.found(Finding(index: cases[0].index, kind: .notCompiled, message: "\(error)")))
      }
      let half = cases.count / 2
      try runTogether([PreparedCase](cases[..<half]))
      return try runTogether([PreparedCase](cases[half...]))
    }
    let model = try CompiledModel(contentsOf: library, threads: 1)
    for prepared in cases {
      try report(.began(step: "run", index: prepared.index))
      if let finding = CaseRunner(prepared: prepared, model: model).finding() {
        try report(.found(finding))
      } else {
        try report(.passed(index: prepared.index))
      }
    }
  }

  /// Whether a library compiles that has nothing in it: what it shows if not has nothing to do with any case.
  private func canCompile() -> Bool {
    (try? compiler.compile(Graph(), [], cache: cache)) != nil
  }
}
