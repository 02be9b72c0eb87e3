import Elbow
import Foundation
import TestFolders
import Testing

/// A call of the C library that fails, by `faults.c`.
struct Fault: CustomStringConvertible {
  /// The calls that can fail, in the order of `faults.c`, with what they fail with.
  static let calls: [(name: String, error: Int32)] = [
    ("open", EMFILE), ("read", EIO), ("write", ENOSPC), ("fsync", EIO), ("close", ENOSPC), ("rename", ENOSPC),
    ("link", EMLINK), ("unlink", EROFS), ("mkdir", ENOSPC), ("opendir", EMFILE), ("flock", ENOLCK), ("mmap", ENOMEM),
    ("dlopen", ENOMEM), ("allocate", ENOMEM), ("thread", EAGAIN), ("spawn", EAGAIN),
  ]

  let call: String
  let error: Int32
  /// Which call fails, from 1; 0 for none.
  let number: Int
  /// Whether all later ones fail, too.
  let lasts: Bool

  var description: String { "\(call):\(number):\(error)\(lasts ? "+" : "")" }

  /// The numbers of calls and of failures.
  struct Log {
    var counts: [String: Int]
    var failures: Int
  }

  private static let folder = Result { try TemporaryFolder("elbow-faults") }

  /// The library, compiled once.
  private static let library = Result {
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("faults.c")
    let library = try folder.get().file("faults.so")
    let compiler = try CCompiler().url
    let result = try RunningProcess(
      compiler,
      ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", source.path, "-o", library.path, "-ldl"]
    ).finish()
    try #require(result.status == 0, "\(result.output)")
    return library
  }

  /// Runs a command in which this fails; nil for one in which calls are counted alone.
  static func run(_ arguments: [String], in place: FaultPlace, _ fault: Fault?) throws -> (Graphc.Outcome, Log) {
    let log = place.graphc.folder.file("fault-log")
    try Data(count: 8 * (calls.count + 1)).write(to: log)
    var environment = [
      "LD_PRELOAD": try library.get().path, "ELBOW_FAULT_FOLDER": place.disk.path, "ELBOW_FAULT_LOG": log.path,
    ]
    environment["ELBOW_FAULT"] = fault.map { "\($0)" }
    let outcome = try place.run(arguments, environment: environment)
    let numbers = try Data(contentsOf: log).withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)).map { Int($0) } }
    return (
      outcome,
      Log(counts: Dictionary(uniqueKeysWithValues: zip(calls.map(\.name), numbers)), failures: numbers.last ?? 0)
    )
  }
}
