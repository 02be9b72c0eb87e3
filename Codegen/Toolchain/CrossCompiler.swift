import ElbowArrays
import Foundation

extension CCompiler {
  /// Finds a compiler for what the options ask for.
  ///
  /// For another architecture than this machine's, candidates are tried out on a small library, since clang knows most
  /// processors, but not every machine has their C library.
  ///
  /// - Throws: `ElbowError` of kind `toolchain` that says what was tried, why it did not do, and what to install.
  public init(for options: BuildOptions) throws {
    guard let triple = options.target.triple, !options.target.isOfThisArchitecture else {
      try self.init(options.compiler)
      return
    }
    let search = CrossCompilerSearch(options: options, triple: triple)
    self = try search.find()
  }
}

/// The search for a compiler that makes libraries for another architecture.
private struct CrossCompilerSearch {
  let options: BuildOptions
  let triple: String

  /// The test of a compiler: it has to manage the headers that emitted C includes, and linking.
  private static let probe = """
    #include <math.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #ifndef ELBOW_NO_THREADS
    #include <pthread.h>
    pthread_t elbow_probe_thread(void) { return pthread_self(); }
    #endif
    float elbow_probe(float x) { return tanhf(x); }

    """

  private var commands: [String] {
    if let named = options.compiler { return [named] }
    return [CCompiler.environmentCommand, "clang", options.target.crossCompiler].compactMap { $0 }
  }

  func find() throws -> CCompiler {
    var failures: [String] = []
    for command in commands {
      guard let url = RunningProcess.find(command) else {
        failures.append("'\(command)' is not in PATH")
        continue
      }
      let isClang = try CCompiler(url: url).version().contains("clang")
      let compiler = CCompiler(url: url, crossFlags: isClang ? ["--target=\(triple)"] : [])
      guard let reason = try failure(of: compiler) else { return compiler }
      failures.append("'\(compiler.command)' \(reason)")
    }
    let target = options.target
    throw ElbowError(
      .toolchain,
      "No C compiler on this machine builds for \(target.name). Install one, on Debian with 'apt-get install "
        + "\(target.packages.joined(separator: " "))', or write the C with 'graphc emit' and compile it elsewhere.",
      notes: failures)
  }

  /// Why a compiler will not do; nil if it will.
  private func failure(of compiler: CCompiler) throws -> String? {
    // A compiler for another machine would do what it is asked to, for that machine.
    let (status, machine) = try CCompiler.run(compiler.url, compiler.crossFlags + ["-dumpmachine"])
    guard status == 0, machine.hasPrefix(options.target.architecture) else {
      return "compiles for \(machine.split(separator: "\n").first ?? "another machine")"
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-probe-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      try Data(CrossCompilerSearch.probe.utf8).write(to: folder.appendingPathComponent("probe.c"))
    } catch {
      throw ElbowError(.file, "A file cannot be made in '\(folder.path)': \(error.systemReason).")
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    let object = folder.appendingPathComponent("probe.o").path
    let steps = [
      options.compileFlags + ["-c", folder.appendingPathComponent("probe.c").path, "-o", object],
      [object] + options.linkFlags + ["-o", folder.appendingPathComponent("probe.so").path],
    ]
    for arguments in steps {
      let (status, output) = try CCompiler.run(compiler.url, compiler.crossFlags + arguments)
      guard status != 0 else { continue }
      let lines = output.split(separator: "\n")
      let reason = lines.first { $0.contains("error") } ?? lines.first ?? "no reason is given"
      return "fails: \(reason.replacing(folder.path + "/", with: ""))"
    }
    return nil
  }
}
