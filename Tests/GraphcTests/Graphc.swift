import Foundation
import TestFolders
import Testing

/// The built `graphc`, started as a user would, with a cache and a folder of its own.
struct Graphc {
  /// Where the test's files lie.
  let folder: TemporaryFolder
  /// `graphc`, or another program of the package.
  private let program: String

  init(program: String = "graphc") throws {
    folder = try TemporaryFolder("graphc-tests")
    self.program = program
  }

  /// Compiled code is shared by the tests of a run.
  private static let cache = Result { try TemporaryFolder("graphc-tests-cache") }

  /// The outcome of a command.
  struct Outcome {
    /// Negative for a signal.
    let status: Int32
    let outputBytes: Data
    let errors: String

    var output: String { String(decoding: outputBytes, as: UTF8.self) }

    /// The last line of the output as a JSON object.
    var json: [String: Any] {
      get throws {
        let line = try #require(output.split(separator: "\n").last)
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
    }
  }

  /// Beside the test bundle, where SwiftPM puts all products.
  static func executable(_ name: String = "graphc") throws -> URL {
    let bundle = try #require(Bundle.main.executableURL)
    let places = [bundle.deletingLastPathComponent(), bundle.resolvingSymlinksInPath().deletingLastPathComponent()]
    return try #require(
      places.map { $0.appendingPathComponent(name) }.first {
        FileManager.default.isExecutableFile(atPath: $0.path)
      },
      "\(name) is not beside the test bundle: build the package first")
  }

  /// Runs `graphc` in the test's folder, which `env` goes to.
  func callAsFunction(_ arguments: String...) throws -> Outcome { try run(arguments) }

  /// A signal that a run gets after some seconds.
  struct Disturbance {
    let signal: Int32
    let seconds: Double
  }

  /// Where a run's output or errors go.
  enum Destination {
    case file
    /// A device that is full.
    case full
    /// A pipe that nobody reads.
    case closed
  }

  /// Runs `graphc` in the test's folder, which `env` goes to.
  ///
  /// - Parameters:
  ///   - arguments: The words after `graphc`.
  ///   - input: What a pipe has for it to read; nothing by default, not even a pipe.
  ///   - outputPlace: Where results go.
  ///   - errorPlace: Where errors and progress go.
  ///   - largestFile: The most bytes that a file may get, rounded down to 512: what is beyond fails, as on a disk that is
  ///     full.
  ///   - changes: Variables of the environment that are not as they are for the tests.
  ///   - disturbance: A signal.
  func run(
    _ arguments: [String], input: Data? = nil, output outputPlace: Destination = .file,
    errors errorPlace: Destination = .file,
    largestFile: Int? = nil, environment changes: [String: String] = [:], disturbedBy disturbance: Disturbance? = nil
  ) throws -> Outcome {
    let name = UUID().uuidString
    let (output, errors) = (folder.file("\(name).out"), folder.file("\(name).err"))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let source = try Graphc.pipeOfOurOwn()
    if input == nil {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    } else {
      posix_spawn_file_actions_adddup2(&actions, source[0], 0)
    }
    let ends = try Graphc.pipeOfOurOwn()
    close(ends[0])
    defer { close(ends[1]) }
    for (descriptor, file, place) in [(Int32(1), output, outputPlace), (2, errors, errorPlace)] {
      try Data().write(to: file)
      switch place {
      case .file: posix_spawn_file_actions_addopen(&actions, descriptor, file.path, O_WRONLY, 0)
      case .full: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/full", O_WRONLY, 0)
      case .closed: posix_spawn_file_actions_adddup2(&actions, ends[1], descriptor)
      }
    }
    var environment = ProcessInfo.processInfo.environment
    environment["XDG_CACHE_HOME"] = try Graphc.cache.get().path
    let limit = largestFile.map { ["/bin/sh", "-c", "ulimit -f \($0 / 512) && exec \"$0\" \"$@\""] } ?? []
    let variables = changes.map { "\($0.key)=\($0.value)" }
    let command =
      limit + ["/usr/bin/env", "-C", folder.path] + variables + [try Graphc.executable(program).path] + arguments
    var words = command.map { strdup($0) } + [nil]
    var settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (words + settings).forEach { free($0) } }
    var child: pid_t = 0
    try #require(posix_spawn(&child, command[0], &actions, nil, &words, &settings) == 0)
    close(source[0])
    let end = source[1]
    if let input { Thread.detachNewThread { Graphc.feed(input, to: end) } } else { close(end) }
    if let disturbance {
      Thread.sleep(forTimeInterval: disturbance.seconds)
      kill(child, disturbance.signal)
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) == -1 && errno == EINTR {}
    let signal = status & 0x7f
    return Outcome(
      status: signal == 0 ? (status >> 8) & 0xff : -signal,
      outputBytes: try Data(contentsOf: output),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }

  /// The ends of a pipe, for reading and for writing. Programs that are started do not have them, or it would never end.
  private static func pipeOfOurOwn() throws -> [Int32] {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ends
  }

  /// Writes what a program may read, to its end. One that ends before has its own reasons.
  private static func feed(_ input: Data, to descriptor: Int32) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let writer = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    try? writer.write(contentsOf: input)
    try? writer.close()
  }

  func path(_ name: String) -> String { folder.file(name).path }
  func contents(_ name: String) throws -> Data { try Data(contentsOf: folder.file(name)) }
  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Writes a NumPy file of float32.
  func writeArray(_ values: [Float], shape: [Int], to name: String) throws {
    let extents = shape.map { "\($0), " }.joined()
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8))
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
    try data.write(to: folder.file(name))
  }
}
