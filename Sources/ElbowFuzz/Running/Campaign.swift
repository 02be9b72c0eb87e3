import ElbowArrays
import ElbowGraph
import Foundation
import Synchronization

/// Many random graphs: block by block, each in a process of its own, with what fails made small and written to files.
///
/// With a journal it can be stopped at any time and goes on where it was.
public struct Campaign: Sendable {
  public let seed: UInt64
  /// The numbers of the graphs.
  public let indices: Range<Int>
  public let supervisor: Supervisor
  /// Where graphs that fail are written.
  public var folder: URL
  /// Whether blocks that were run before, by what the folder says, are left out.
  public var goesOn = false
  /// Whether graphs that fail are made small.
  public var shrinks = true
  /// How many blocks run side by side.
  public var jobs = 1

  public init(seed: UInt64, indices: Range<Int>, supervisor: Supervisor, folder: URL) {
    self.seed = seed
    self.indices = indices
    self.supervisor = supervisor
    self.folder = folder
  }

  /// The result of a campaign.
  public struct Summary: Sendable {
    public var passed = 0
    public var failed = 0
    /// Graphs that were not run, because their library does not compile even when it is empty.
    public var missing = 0
  }

  /// Runs what is not done yet.
  ///
  /// - Parameter report: Called with a line for each finding, and for each block.
  public func run(report: @escaping @Sendable (String) -> Void) throws -> Summary {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let journal = Journal(folder.appendingPathComponent("seed-\(seed).txt"), isRead: goesOn)
    let waiting = Mutex(blocks().filter { !journal.isDone($0) }[...])
    let total = Mutex(journal.summary)
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: max(1, jobs)) { _ in
      while let block = waiting.withLock({ $0.popFirst() }) {
        do {
          let result = try supervisor.run(WorkerJob(seed: seed, indices: block))
          for finding in result.findings.sorted(by: { $0.index < $1.index }) { report(try describe(finding)) }
          var summary = Summary()
          summary.passed = result.passed.count
          summary.failed = result.findings.count
          summary.missing = max(0, block.count - summary.passed - summary.failed)
          if goesOn { try journal.add(block, summary) }
          total.withLock { $0.add(summary) }
        } catch {
          failure.withLock { $0 = error }
          waiting.withLock { $0.removeAll() }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return total.withLock { $0 }
  }

  /// The numbers of the graphs, block by block.
  private func blocks() -> [[Int]] {
    Dictionary(grouping: indices) { $0 / FuzzCase.blockSize }.sorted { $0.key < $1.key }.map(\.value)
  }

  /// A finding in a line, and how to see it again in another; the graph that shows it, as small as can be, goes to a file.
  private func describe(_ finding: Finding) throws -> String {
    let words = finding.message.split(separator: "\n").first.map(String.init) ?? ""
    let line = "graph \(finding.index) of seed \(seed): \(finding.kind.rawValue): \(words)"
    // A graph that the generator dies of cannot be written down.
    guard finding.kind != .generation else { return line }
    let fuzzCase = try CaseGenerator(seed: seed).makeCase(finding.index)
    var reproduction = Reproduction(fuzzCase, message: words)
    if shrinks {
      reproduction = try Shrinker { try supervisor.findings($0) }.shrink(reproduction, finding.kind)
    }
    let file = folder.appendingPathComponent("\(finding.kind.rawValue)-\(seed)-\(finding.index).json")
    try Data(reproduction.text().utf8).write(to: file, options: .atomic)
    return line + "\n  elbow-check fuzz \(file.path)   # \(reproduction.plan.nodes.count) nodes, \(reproduction.setup)"
  }
}

extension Campaign.Summary {
  mutating func add(_ other: Self) {
    passed += other.passed
    failed += other.failed
    missing += other.missing
  }
}

extension Supervisor {
  /// The findings in some reproductions; their position is the finding's number.
  func findings(_ reproductions: [Reproduction]) throws -> [Finding] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-shrink-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = reproductions.enumerated().map { number, reproduction in
      let file = folder.appendingPathComponent("\(number).json")
      guard let text = try? reproduction.text(), (try? Data(text.utf8).write(to: file)) != nil else { return "" }
      return file.path
    }
    return try run(WorkerJob(files: files)).findings
  }
}

/// Which blocks of a seed were run: a line each, `first count passed failed missing`.
private struct Journal: Sendable {
  let file: URL
  private let lines: [[Int]]

  init(_ file: URL, isRead: Bool) {
    self.file = file
    let text = isRead ? (try? String(contentsOf: file, encoding: .utf8)) ?? "" : ""
    // A line that was cut off by the end of a process is not five numbers.
    lines = text.split(separator: "\n").map { $0.split(separator: " ").compactMap { Int($0) } }.filter { $0.count == 5 }
  }

  func isDone(_ block: [Int]) -> Bool { lines.contains { $0[0] == block.first && $0[1] == block.count } }

  var summary: Campaign.Summary {
    lines.reduce(into: Campaign.Summary()) { $0.add(.init(passed: $1[2], failed: $1[3], missing: $1[4])) }
  }

  func add(_ block: [Int], _ summary: Campaign.Summary) throws {
    let numbers = [block.first ?? 0, block.count, summary.passed, summary.failed, summary.missing]
    let line = Data((numbers.map(String.init).joined(separator: " ") + "\n").utf8)
    if !FileManager.default.fileExists(atPath: file.path) { try Data().write(to: file) }
    let handle = try FileHandle(forWritingTo: file)
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: line)
  }
}
