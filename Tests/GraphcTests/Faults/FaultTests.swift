import Elbow
import Foundation
import Testing

/// Whatever call of the system fails, `graphc` ends with what its file says or with one sentence, and nothing is lost.
@Suite struct FaultTests {
  private let place: FaultPlace

  init() throws { place = try FaultPlace() }

  /// A command in which something fails.
  struct Command: CustomTestStringConvertible, Sendable {
    let name: String
    let arguments: [String]
    /// The files it writes, the same each time.
    let results: [String]
    /// Whether it compiles.
    var isCold = false
    var testDescription: String { name }
  }

  /// The commands of which every fault is tried: `$ELBOW_FAULTS`, their names or `all`.
  private static let whole = (ProcessInfo.processInfo.environment["ELBOW_FAULTS"] ?? "").split(separator: " ")
    .map(String.init)

  static let commands = allCommands.filter { command in
    whole.isEmpty
      ? ["compile", "train", "run"].contains(command.name) : whole.contains { ["all", command.name].contains($0) }
  }
  private static let allCommands = [
    Command(name: "compile", arguments: ["build", "disk/toy.json", "-o", "disk/toy.so"], results: [], isCold: true),
    Command(name: "build", arguments: ["build", "disk/toy.json", "-o", "disk/toy.so"], results: ["toy.so"]),
    Command(
      name: "train", arguments: FaultPlace.train + ["--epochs", "2", "--output", "disk/new"],
      results: ["new/weights.safetensors"]),
    Command(
      name: "resume",
      arguments: FaultPlace.train + ["--epochs", "3", "--output", "disk/run", "--resume", "--checkpoint-steps", "2"],
      results: ["run/weights.safetensors"]),
    Command(
      name: "evaluate",
      arguments: [
        "evaluate", "disk/toy.json", "--data", "disk/data.csv", "--weights", "disk/run/weights.safetensors",
      ], results: []),
    Command(
      name: "run",
      arguments: [
        "run", "disk/toy.so", "predict", "--weights", "disk/w.npz", "--input", "x=disk/x.npy", "--output",
        "y=disk/y.npy",
      ], results: ["y.npy"]),
    Command(
      name: "export",
      arguments: [
        "export", "disk/toy.json", "--weights", "disk/run/weights.safetensors", "-o", "disk/w.npz", "--force",
      ], results: ["w.npz"]),
  ]

  /// Faults that are tried: every one if `$ELBOW_FAULTS` is set, as by `Scripts/faults`; else those of all that a training
  /// saves, and one of each kind of those of some other commands.
  private func faults(of command: Command, _ counts: [String: Int]) -> [Fault] {
    Fault.calls.flatMap { call, error -> [Fault] in
      let count = counts[call] ?? 0
      func fault(_ number: Int, lasts: Bool = false) -> Fault {
        Fault(call: call, error: error, number: number, lasts: lasts)
      }
      guard count > 0 else { return [] }
      if !Self.whole.isEmpty {
        // One more than there were: calls need not be as many each time.
        return (1...count + 1).flatMap { [fault($0), fault($0, lasts: true)] }
      }
      let saves = ["write", "fsync", "rename"].contains(call)
      switch command.name {
      case "train" where saves: return (1...count).map { fault($0) } + [fault(count / 2, lasts: true)]
      case "train", "compile": return [fault((count + 1) / 2)]
      case "run" where ["read", "dlopen", "allocate", "thread"].contains(call): return [fault((count + 1) / 2)]
      default: return []
      }
    }
  }

  @Test(arguments: commands) func somethingFails(_ command: Command) throws {
    if command.isCold { try place.emptyCache() }
    try place.keep()
    let (outcome, log) = try Fault.run(command.arguments, in: place, nil)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try place.damage() == [])
    let expected = try command.results.map { try place.contents($0) }
    var (tried, failed) = (0, 0)
    for fault in faults(of: command, log.counts) {
      try place.restore()
      let (outcome, log) = try Fault.run(command.arguments, in: place, fault)
      tried += log.failures > 0 ? 1 : 0
      failed += outcome.status == 0 ? 0 : 1
      let story: Comment = "\(command.name) \(fault), status \(outcome.status): \(outcome.errors)"
      #expect([0, 1].contains(outcome.status), story)
      let sentences = outcome.errors.split(separator: "\n").filter {
        !$0.hasPrefix("warning: ") && $0.contains("error: ")
      }
      #expect(sentences.count == Int(outcome.status), story)
      // Files that cannot be removed are left.
      let damage = try place.damage(strict: !["unlink", "opendir"].contains(fault.call) && !fault.lasts)
      #expect(damage == [], story)
      if outcome.status != 0 {
        let again = try place.run(command.arguments + (try needsResume(command) ? ["--resume"] : []))
        #expect(again.status == 0, "after \(story), again: \(again.errors)")
      }
      for (name, contents) in zip(command.results, expected) {
        #expect((try? place.contents(name)) == contents, "\(name) after \(story)")
      }
    }
    #expect(tried > 0)
    print("\(command.name): \(tried) faults, \(failed) errors, \(tried - failed) without effect")
  }

  /// A compiler that cannot be started leaves nothing behind: its output was opened before.
  @Test func aCompilerThatIsNoProgram() throws {
    try place.emptyCache()
    let compiler = place.disk.appendingPathComponent("cc")
    try Data("no program\n".utf8).write(to: compiler)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: compiler.path)
    let outcome = try place.run(["build", "disk/toy.json", "-o", "disk/toy.so", "--cc", compiler.path])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors == "compiling toy: train, evaluate, predict ...\n"
        + "error: '\(compiler.path)' could not be started: Exec format error.\n")
    #expect(try place.damage() == [])
  }

  /// Whether a training that failed has come so far that it has to be gone on with.
  private func needsResume(_ command: Command) throws -> Bool {
    try command.name == "train" && place.newestStep(in: "new") != nil
  }
}
