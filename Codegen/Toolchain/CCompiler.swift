import ElbowArrays
import ElbowManifest
import Foundation

/// A C compiler on this machine.
public struct CCompiler: Sendable {
  /// Its absolute path.
  public let url: URL

  /// Finds a compiler.
  ///
  /// - Parameter command: A path or a name to look for in `PATH`; nil for `$CC`, then clang, then cc and gcc.
  /// - Throws: `ElbowError` of kind `toolchain` that says what was looked for and how to install one.
  public init(_ command: String? = nil) throws {
    let wish = command ?? ProcessInfo.processInfo.environment["CC"].flatMap { $0.isEmpty ? nil : $0 }
    let candidates = wish.map { [$0] } ?? ["clang", "cc", "gcc"]
    for candidate in candidates {
      if let found = CCompiler.find(candidate) {
        url = found
        return
      }
    }
    let names = candidates.map { "'\($0)'" }.joined(separator: ", ")
    throw ElbowError(
      .toolchain, "No C compiler was found: looked for \(names) in PATH. Install one, on Debian with "
        + "'apt-get install clang', or name one with $CC.")
  }

  private static func find(_ command: String) -> URL? {
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

  /// What tells this compiler from another one without running it: where it is, how large and how old.
  public var identity: String {
    let real = url.resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: real)
    let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
    let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return "\(real) \(size) \(date)"
  }

  /// The first line of what it says about itself.
  public func version() throws -> String {
    let (_, output) = try CCompiler.run(url, ["--version"], in: nil)
    return output.split(separator: "\n").first.map(String.init) ?? "unknown"
  }

  /// Runs a program without a shell.
  ///
  /// - Returns: Its exit status, and what it printed to both outputs.
  static func run(_ url: URL, _ arguments: [String], in folder: URL?) throws -> (status: Int32, output: String) {
    try RunningProcess(url, arguments, in: folder).finish()
  }
}

/// A process whose output is collected in a file, so that many can run at once.
struct RunningProcess {
  private let process = Process()
  private let output: URL

  init(_ url: URL, _ arguments: [String], in folder: URL?) throws {
    output = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-\(UUID().uuidString).log")
    process.executableURL = url
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = folder }
    FileManager.default.createFile(atPath: output.path, contents: nil, attributes: [.posixPermissions: 0o600])
    let handle = try FileHandle(forWritingTo: output)
    process.standardOutput = handle
    process.standardError = handle
    process.standardInput = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      try? FileManager.default.removeItem(at: output)
      throw ElbowError(.toolchain, "'\(url.path)' could not be started: \(error.localizedDescription)")
    }
    try handle.close()
  }

  func finish() throws -> (status: Int32, output: String) {
    process.waitUntilExit()
    defer { try? FileManager.default.removeItem(at: output) }
    let data = (try? Data(contentsOf: output)) ?? Data()
    let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return (status, String(decoding: data, as: UTF8.self))
  }
}
