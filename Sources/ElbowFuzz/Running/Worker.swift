import ElbowArrays
import ElbowCodegen
import ElbowGraph
import Foundation

/// A job for a process of its own, so that a crash is a finding and not the end.
public struct WorkerJob: Codable, Sendable {
  /// Where generated cases come from.
  public var seed: UInt64 = 0
  /// The numbers of generated cases, all of one block.
  public var indices: [Int] = []
  /// Graph files with a setup, as cases 0, 1, ...
  public var files: [String] = []

  public init(seed: UInt64, indices: [Int]) { (self.seed, self.indices) = (seed, indices) }
  public init(files: [String]) { self.files = files }

  /// The job as an argument of a command.
  public var argument: String {
    (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
  public init(argument: String) throws { self = try JSONDecoder().decode(WorkerJob.self, from: Data(argument.utf8)) }
}

/// The worker's side: runs a job and prints an event a line.
public enum Worker {
  public static func run(_ job: WorkerJob) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-fuzz-\(getpid())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = try ArtifactCache(folder: folder)
    var cases: [FuzzCase] = []
    let generator = CaseGenerator(seed: job.seed)
    for index in job.indices {
      try print(.began(step: "generate", index: index))
      do { cases.append(try generator.makeCase(index)) } catch {
        try print(.found(Finding(index: index, kind: .generation, message: "\(error)")))
      }
    }
    for (index, file) in job.files.enumerated() where !file.isEmpty {
      do { cases.append(try Reproduction(readingFrom: file).fuzzCase(index)) } catch {
        try print(.found(Finding(index: index, kind: .file, message: "\(error)")))
      }
    }
    for (setup, group) in Dictionary(grouping: cases, by: \.setup.library).sorted(by: { "\($0.key)" < "\($1.key)" }) {
      try BlockRunner(setup: setup, cache: cache, report: print).run(group)
    }
    try print(.done)
  }

  private static func print(_ event: BlockRunner.Event) throws {
    FileHandle.standardOutput.write(try JSONEncoder().encode(event) + Data("\n".utf8))
  }
}

/// The other side: starts workers, and finds out which case one died of.
public struct Supervisor: Sendable {
  /// The program that runs jobs, and what comes before the job among its arguments.
  public let executable: URL
  public let arguments: [String]
  /// How long a job may take.
  public var seconds = 300.0

  public init(executable: URL, arguments: [String]) {
    self.executable = executable
    self.arguments = arguments
  }

  /// The outcome of each case.
  public struct Result: Sendable {
    public var findings: [Finding] = []
    public var passed: Set<Int> = []
  }

  /// Runs a job to its end, whatever happens on the way.
  public func run(_ job: WorkerJob) throws -> Result {
    var result = Result()
    var waiting = [job]
    while let next = waiting.popLast() {
      setenv("SWIFT_BACKTRACE", "enable=no", 1)
      setenv("OPENBLAS_NUM_THREADS", "1", 1)
      let (status, output, isLate) = try RunningProcess(executable, arguments + [next.argument]).finish(within: seconds)
      let log = WorkerLog(output)
      result.findings += log.findings
      result.passed.formUnion(log.passed)
      if log.isDone { continue }
      let rest = next.numbers.filter { !log.settled.contains($0) }
      switch log.suspects.filter(rest.contains) {
      case let suspects where suspects.count == 1:
        let text = isLate ? "nothing happened for \(Int(seconds)) seconds" : log.lastWords(status)
        let kind = log.step == "generate" ? Finding.Kind.generation : isLate ? .hang : .crash
        result.findings.append(Finding(index: suspects[0], kind: kind, message: "\(log.step): \(text)"))
        let others = rest.filter { $0 != suspects[0] }
        if !others.isEmpty { waiting.append(next.keeping(others)) }
      case let suspects where suspects.count > 1:
        let half = suspects.count / 2
        let others = rest.filter { !suspects.contains($0) }
        for part in [[Int](suspects[..<half]), [Int](suspects[half...]), others] where !part.isEmpty {
          waiting.append(next.keeping(part))
        }
      default:
        throw ElbowError(.internal, "A worker ended with \(status): \(log.lastWords(status))")
      }
    }
    return result
  }
}

extension WorkerJob {
  fileprivate var numbers: [Int] { files.isEmpty ? indices : [Int](files.indices) }

  /// The job with some of its cases; those of files are known by their position, so others become empty.
  fileprivate func keeping(_ numbers: [Int]) -> WorkerJob {
    var job = self
    if files.isEmpty {
      job.indices = numbers
    } else {
      job.files = files.enumerated().map { numbers.contains($0) ? $1 : "" }
    }
    return job
  }
}

/// The output of a worker.
private struct WorkerLog {
  var findings: [Finding] = []
  var passed: Set<Int> = []
  var isDone = false
  /// The cases that the last step was about, and its name.
  var suspects: [Int] = []
  var step = "start"
  private var other: [String] = []

  init(_ output: String) {
    let decoder = JSONDecoder()
    for line in output.split(separator: "\n") {
      guard line.hasPrefix("{"), let event = try? decoder.decode(BlockRunner.Event.self, from: Data(line.utf8)) else {
        other.append(String(line))
        continue
      }
      switch event {
      case .began(let step, let index): (self.step, suspects) = (step, [index])
      case .compiling(let indices): (step, suspects) = ("compile", indices)
      case .found(let finding): findings.append(finding)
      case .passed(let index): passed.insert(index)
      case .done: isDone = true
      }
    }
  }

  var settled: Set<Int> { passed.union(findings.map(\.index)) }

  func lastWords(_ status: Int32) -> String {
    (status < 0 ? "signal \(-status)" : "status \(status)") + other.suffix(3).map { "; \($0.prefix(300))" }.joined()
  }
}
