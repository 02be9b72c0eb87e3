import ElbowArrays
import ElbowEmission
import ElbowGraph
import ElbowManifest
import ElbowPrelude
import Foundation
import Synchronization

/// Turns emitted C into a shared library.
public struct LibraryBuilder: Sendable {
  /// The C compiler that is run.
  public let compiler: CCompiler
  /// How it is run.
  public let options: BuildOptions

  /// A builder with the compiler that the options name, or the one that is found.
  ///
  /// - Parameter options: How C becomes a library.
  /// - Throws: `ElbowError` of kind `toolchain` when there is no such compiler.
  public init(_ options: BuildOptions = BuildOptions()) throws {
    compiler = try CCompiler(for: options)
    self.options = options
  }

  /// How often a compiler was started for a library by this process; tests count with it.
  public static var compilationCount: Int { count.withLock { $0 } }
  private static let count = Mutex(0)

  /// The key of a library of this code by this compiler in the cache.
  package func key(_ library: EmittedLibrary) throws -> String {
    var bytes = CanonicalBytes()
    bytes.add(library.fingerprintText)
    bytes.add(Prelude.fingerprintText)
    bytes.add(try library.manifest.encoded())
    bytes.add(identity) { $0.add($1) }
    return "\(library.prefix)-" + bytes.digest
  }

  /// The things besides the code that decide about a library: compiler, flags, CPU.
  package var identity: [String] {
    [compiler.identity] + options.compileFlags + options.linkFlags + CPUFeatures.current.sorted()
  }

  /// The manifest's account of this compiler.
  public func manifestCompiler() throws -> Manifest.Compiler {
    Manifest.Compiler(
      elbow: ElbowVersion.current, command: compiler.url.lastPathComponent, version: try compiler.version(),
      flags: compiler.crossFlags + options.compileFlags)
  }

  /// Writes all files of a library into a folder.
  ///
  /// - Parameter headers: The folder for the headers that all models share; nil for the same.
  public static func write(_ library: EmittedLibrary, to folder: URL, headers: URL? = nil) throws {
    // First what may be refused before anything of the model is there.
    try write(library.prelude, to: headers ?? folder)
    try write(library.sources + library.modelHeaders, to: folder)
  }

  private static func write(_ files: [EmittedLibrary.File], to folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for file in files {
        try Data(file.text.utf8).write(to: folder.appendingPathComponent(file.name), options: .atomic)
      }
    } catch {
      throw ElbowError(.file, "The C code could not be written to '\(folder.path)': \(error.systemReason).")
    }
  }

  /// The flags that every file is compiled with.
  var compileFlags: [String] { compiler.crossFlags + options.compileFlags }

  /// Compiles the files in a folder, several at once, links them, and seals what comes of it.
  package func build(_ library: EmittedLibrary, in folder: URL, to output: URL, prelude: PrecompiledPrelude? = nil)
    throws
  {
    LibraryBuilder.count.withLock { $0 += 1 }
    // Longest first, so that no core is left with much while others wait.
    let names = library.sources.sorted { $0.text.utf8.count > $1.text.utf8.count }.map(\.name)
    let flags = compileFlags + (prelude?.flags() ?? [])
    let waiting = Mutex(names[...])
    let failures = Mutex<[any Error]>([])
    DispatchQueue.concurrentPerform(iterations: max(2, ProcessInfo.processInfo.activeProcessorCount)) { _ in
      while let name = waiting.withLock({ $0.popFirst() }) {
        let source = folder.appendingPathComponent(name).path
        do {
          try check(RunningProcess(compiler.url, flags + ["-c", source, "-o", source + ".o"]).finish(), "compile")
        } catch {
          failures.withLock { $0.append(error) }
          waiting.withLock { $0.removeAll() }
        }
      }
    }
    if let failure = failures.withLock({ $0.first }) { throw failure }
    let objects = names.map { folder.appendingPathComponent($0).path + ".o" }
    let result = try CCompiler.run(
      compiler.url, compiler.crossFlags + objects.sorted() + options.linkFlags + ["-o", output.path])
    try check(result, "link")
    // A module of WebAssembly ends where its last section does.
    if !options.target.isWebAssembly { try LibrarySeal.seal(output) }
  }

  private func check(_ result: (status: Int32, output: String), _ action: String) throws {
    guard result.status == 0 else {
      throw ElbowError(
        .toolchain, "'\(compiler.url.path)' could not \(action) the emitted C (exit status \(result.status)).",
        notes: result.output.split(separator: "\n").prefix(12).map(String.init))
    }
  }
}

/// The version of Elbow.
public enum ElbowVersion {
  /// The version of this package, `major.minor.patch`.
  public static let current = "0.1.0"
}
