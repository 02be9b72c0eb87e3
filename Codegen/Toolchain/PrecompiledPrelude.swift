import ElbowArrays
import Foundation

/// The library's headers, read once by the compiler for all files of a model.
///
/// Reading them takes longer than compiling a small file, mostly for the processor's intrinsics. The compiler starts at
/// once, so that it is done, on another core, by the time that the model's C has been emitted.
final class PrecompiledPrelude {
  private let folder: URL
  private var header: String { folder.appendingPathComponent("prelude.h").path }
  private var process: RunningProcess?

  /// Precompiling pays from about three files on, which programs with as many nodes as this have.
  static let leastNodeCount = 400

  /// Starts the compiler. Should anything go wrong, files are compiled as if there were no such thing.
  init(_ builder: LibraryBuilder) {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-prelude-\(UUID().uuidString)")
    let includes = LibraryEmitter.preludeIncludes(builder.options.emission)
    do {
      // Its contents decide what the compiler makes of a model, so it is nobody else's.
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      for file in Prelude.headers + [.init(name: "prelude.h", text: CPrinter.text(includes))] {
        try Data(file.text.utf8).write(to: folder.appendingPathComponent(file.name))
      }
    } catch {
      process = nil
      return
    }
    let path = folder.appendingPathComponent("prelude.h").path
    process = try? RunningProcess(
      builder.compiler.url, builder.compileFlags + ["-x", "c-header", path, "-o", path + ".gch"])
  }

  /// Waits for the compiler.
  ///
  /// - Returns: The flags with which files use what it made.
  func flags() -> [String] {
    guard let running = process else { return [] }
    process = nil
    return running.finish().status == 0 ? ["-include", header] : []
  }

  /// Removes the files, once nothing is compiled any more.
  func remove() {
    _ = flags()
    try? FileManager.default.removeItem(at: folder)
  }
}
