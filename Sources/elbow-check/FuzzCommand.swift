import ArgumentParser
import ElbowArrays
import ElbowConsole
import ElbowFuzz
import Foundation

/// `elbow-check fuzz`: random graphs, compiled and by the evaluator.
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Compare compiled code with the reference evaluator on random graphs.",
    discussion: """
      Each graph is made of random operations, and runs compiled under a random setup: compiler, optimisation, threads, \
      what multiplies matrices, the rows of a tile, sizes of batches. A seed and a number give the same graph always. \
      A graph that fails is made small and written to a file, which 'elbow-check fuzz FILE' runs again. Ends with 1 if any \
      graph fails.
      """)

  @Argument(help: "Graph files to run instead of random graphs.") var files: [String] = []
  @Option(help: "What graphs are drawn from.") var seed: UInt64 = 1
  @Option(help: "How many graphs.") var count = 100
  @Option(help: "The number of the first graph.") var first = 0
  @Option(help: "The number of the one graph to run.") var only: Int?
  @Option(help: ArgumentHelp("Where graphs that fail are written.", valueName: "folder")) var output = "."
  @Option(
    help: ArgumentHelp(
      "A folder that keeps what was run and what failed: a run that was stopped goes on from there.",
      valueName: "folder"))
  var journal: String?
  @Option(help: "How many processes run side by side.") var jobs = 1
  @Flag(inversion: .prefixedNo, help: "Make graphs that fail small.") var shrink = true
  @Option(help: .hidden) var worker: String?

  func validate() throws {
    guard count >= 1, first >= 0, only ?? 0 >= 0, (1...256).contains(jobs), first < 1 << 40, count < 1 << 40 else {
      throw ValidationError("Counts and jobs are at least 1, and numbers at least 0.")
    }
  }

  func run() throws {
    if let worker { return try Worker.run(WorkerJob(argument: worker)) }
    let supervisor = Supervisor(executable: try FuzzCommand.executable(), arguments: ["fuzz", "--worker"])
    guard files.isEmpty else { return try runFiles(supervisor) }
    var campaign = Campaign(
      seed: seed, indices: only.map { $0..<$0 + 1 } ?? first..<first + count, supervisor: supervisor,
      folder: URL(fileURLWithPath: journal ?? output))
    campaign.goesOn = journal != nil
    campaign.shrinks = shrink
    campaign.jobs = jobs
    let summary = try campaign.run { try? Console.print($0) }
    let missing = summary.missing == 0 ? "" : ", \(summary.missing) were not run"
    try Console.print("\(summary.passed) graphs of seed \(seed) are right, \(summary.failed) are not\(missing)")
    if summary.failed > 0 { throw ExitCode.failure }
  }

  private func runFiles(_ supervisor: Supervisor) throws {
    let findings = try supervisor.run(WorkerJob(files: files)).findings
    for finding in findings {
      try Console.print("\(files[finding.index]): \(finding.kind.rawValue): \(finding.message)")
    }
    guard findings.isEmpty else { throw ExitCode.failure }
    try Console.print(files.count == 1 ? "the graph is right" : "\(files.count) graphs are right")
  }

  private static func executable() throws -> URL {
    guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
      throw ElbowError(.file, "The running program could not be found in /proc.")
    }
    return URL(fileURLWithPath: path)
  }
}
