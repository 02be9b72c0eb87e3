import Foundation

/// A program that runs beside this one, started without a shell; what it prints is collected in a file, so that many can run
/// at once.
///
/// Foundation's `Process` waits on a run loop, which does not return on every thread; this waits for the child itself.
public struct RunningProcess: Sendable {
  private let identifier: pid_t
  private let output: URL

  /// - Throws: `ElbowError` of kind `toolchain` if the program cannot be started.
  public init(_ url: URL, _ arguments: [String]) throws {
    output = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-\(UUID().uuidString).log")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var words: [UnsafeMutablePointer<CChar>?] = ([url.path] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var child: pid_t = 0
    let status = posix_spawn(&child, url.path, &actions, nil, &words, environ)
    guard status == 0 else {
      // A program that is none fails after its output was opened.
      unlink(output.path)
      throw ElbowError(.toolchain, "'\(url.path)' could not be started: \(String(cString: strerror(status))).")
    }
    identifier = child
  }

  /// Waits for the end.
  ///
  /// - Returns: The exit status, negative for a signal, and what was printed to both outputs.
  public func finish() -> (status: Int32, output: String) {
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) == -1 && errno == EINTR {}
    return collected(status)
  }

  /// Waits for the end, and ends the program itself after some seconds.
  ///
  /// - Returns: As ``finish()``, and whether the time was up.
  public func finish(within seconds: Double) -> (status: Int32, output: String, isLate: Bool) {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    var status: Int32 = 0
    var isLate = false
    while waitpid(identifier, &status, isLate ? 0 : WNOHANG) != identifier {
      if !isLate, clock.now > deadline {
        isLate = true
        kill(identifier, SIGKILL)
      } else if !isLate {
        usleep(5000)
      }
    }
    let (code, output) = collected(status)
    return (code, output, isLate)
  }

  private func collected(_ status: Int32) -> (status: Int32, output: String) {
    defer { try? FileManager.default.removeItem(at: output) }
    let data = (try? Data(contentsOf: output)) ?? Data()
    let signal = status & 0x7f
    return (signal == 0 ? (status >> 8) & 0xff : -signal, String(decoding: data, as: UTF8.self))
  }
}

extension RunningProcess {
  /// The program of that name: a path, or found in `PATH`.
  public static func find(_ command: String) -> URL? {
    let manager = FileManager.default
    if command.contains("/") {
      return manager.isExecutableFile(atPath: command) ? URL(fileURLWithPath: command) : nil
    }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    for folder in folders where folder.hasPrefix("/") {
      let path = "\(folder)/\(command)"
      if manager.isExecutableFile(atPath: path) { return URL(fileURLWithPath: path) }
    }
    return nil
  }
}
