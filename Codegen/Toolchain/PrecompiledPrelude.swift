import ElbowArrays
import ElbowCTree
import ElbowEmission
import ElbowPrelude
import Foundation
import Synchronization

/// The library's headers, read once by the compiler for all files of a model, and for the models that this process compiles
/// afterwards.
///
/// Reading them takes longer than compiling a small file, mostly for the processor's intrinsics. The compiler starts at
/// once, so that it is done, on another core, by the time that the model's C has been emitted.
package final class PrecompiledPrelude: Sendable {
  private let folder: URL
  private var header: String { folder.appendingPathComponent("prelude.h").path }

  private enum Progress {
    case running(RunningProcess)
    case done(flags: [String])
  }
  private let progress: Mutex<Progress>

  /// Precompiling pays from about three files on, which programs with as many nodes as this have.
  static let leastNodeCount = 400
  private static let leastLibraryCount = 3

  /// Starts the compiler. Should anything go wrong, files are compiled as if there were no such thing.
  init(_ builder: LibraryBuilder) {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-prelude-\(UUID().uuidString)")
    let process = try? PrecompiledPrelude.start(builder, in: folder)
    progress = Mutex(process.map(Progress.running) ?? .done(flags: []))
  }

  private static func start(_ builder: LibraryBuilder, in folder: URL) throws -> RunningProcess {
    // Its contents decide what the compiler makes of a model, so it is nobody else's.
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    for (name, text) in Prelude.headers(isProfiled: false).map({ ($0.name, $0.text) }) + [("prelude.h", text(builder))]
    {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    let path = folder.appendingPathComponent("prelude.h").path
    return try RunningProcess(
      builder.compiler.url, builder.compileFlags + ["-x", "c-header", path, "-o", path + ".gch"])
  }

  /// The text that is included.
  private static func text(_ builder: LibraryBuilder) -> String {
    CPrinter.text(LibraryEmitter.preludeIncludes(builder.options.emission))
  }

  /// Waits for the compiler.
  ///
  /// - Returns: The flags with which files use what it made; none if that is not there.
  package func flags() -> [String] {
    progress.withLock { progress in
      if case .running(let process) = progress {
        progress = .done(flags: process.finish().status == 0 ? ["-include", header] : [])
      }
      guard case .done(let flags) = progress, FileManager.default.fileExists(atPath: header + ".gch") else { return [] }
      return flags
    }
  }

  /// Removes the files, once nothing is compiled any more.
  func remove() {
    _ = flags()
    try? FileManager.default.removeItem(at: folder)
  }

  // MARK: Sharing

  private struct Shared {
    var preludes: [String: PrecompiledPrelude] = [:]
    /// How many libraries were built that had none.
    var counts: [String: Int] = [:]
  }
  private static let shared = Mutex(Shared())
  /// Evaluated once.
  private static let isRemovedAtExit: Bool = {
    atexit { PrecompiledPrelude.removeShared() }
    return true
  }()

  /// The headers that this compiler has read, or will have by the time they are asked for; nil if that would not pay.
  ///
  /// - Parameter nodeCount: How large the programs are that are about to be compiled.
  package static func shared(_ builder: LibraryBuilder, nodeCount: Int) -> PrecompiledPrelude? {
    let key = ([builder.compiler.identity] + builder.compileFlags + [text(builder)]).joined(separator: "\n")
    return shared.withLock { shared in
      if let known = shared.preludes[key] { return known }
      let count = shared.counts[key, default: 0] + 1
      shared.counts[key] = count
      guard nodeCount >= leastNodeCount || count >= leastLibraryCount, isRemovedAtExit else { return nil }
      let prelude = PrecompiledPrelude(builder)
      shared.preludes[key] = prelude
      return prelude
    }
  }

  private static func removeShared() {
    let preludes = shared.withLock { shared in
      defer { shared = Shared() }
      return shared.preludes
    }
    for prelude in preludes.values { prelude.remove() }
  }
}
