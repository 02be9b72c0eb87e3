import ElbowArrays
import Foundation
import Synchronization

/// A C compiler on this machine.
public struct CCompiler: Sendable {
  /// Its absolute path.
  public let url: URL
  /// The flags that make it compile for another architecture than this machine's.
  public let crossFlags: [String]

  init(url: URL, crossFlags: [String] = []) {
    self.url = url
    self.crossFlags = crossFlags
  }

  /// Finds a compiler for this machine.
  ///
  /// - Parameter command: A path or a name to look for in `PATH`; nil for `$CC`, then clang, then cc and gcc.
  /// - Throws: `ElbowError` of kind `toolchain` that says what was looked for and how to install one.
  public init(_ command: String? = nil) throws {
    let candidates = (command ?? CCompiler.environmentCommand).map { [$0] } ?? ["clang", "cc", "gcc"]
    for candidate in candidates {
      if let found = RunningProcess.find(candidate) {
        self.init(url: found)
        return
      }
    }
    let names = candidates.map { "'\($0)'" }.joined(separator: ", ")
    throw ElbowError(
      .toolchain,
      "No C compiler was found: looked for \(names) in PATH. Install one, on Debian with "
        + "'apt-get install clang', or name one with $CC.")
  }

  /// `$CC`, if it names anything.
  static var environmentCommand: String? {
    ProcessInfo.processInfo.environment["CC"].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The marks that tell this compiler from another one without running it: where it is, how large and how old.
  public var identity: String {
    ([fileIdentity(url.resolvingSymlinksInPath().path)] + crossFlags).joined(separator: " ")
  }

  /// The first line of what it says about itself; it is asked once.
  public func version() throws -> String {
    let identity = identity
    if let known = CCompiler.versions.withLock({ $0[identity] }) { return known }
    let (_, output) = try CCompiler.run(url, ["--version"])
    let version = output.split(separator: "\n").first.map(String.init) ?? "unknown"
    CCompiler.versions.withLock { $0[identity] = version }
    return version
  }

  /// The versions that compilers gave, by ``identity``.
  private static let versions = Mutex<[String: String]>([:])

  /// The command as one would type it: `clang --target=aarch64-linux-gnu`.
  public var command: String { ([url.lastPathComponent] + crossFlags).joined(separator: " ") }

  /// Runs a program without a shell.
  ///
  /// - Returns: Its exit status, and what it printed to both outputs.
  static func run(_ url: URL, _ arguments: [String]) throws -> (status: Int32, output: String) {
    try RunningProcess(url, arguments).finish()
  }
}
