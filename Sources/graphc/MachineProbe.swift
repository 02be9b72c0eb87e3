import Elbow
import Foundation

/// A small C program that measures this machine.
enum MachineProbe {
  /// Compiles and runs a program that prints numbers, one a line.
  ///
  /// - Throws: `ElbowError` of kind `toolchain` if it does not compile, fails, or prints something else.
  static func run(
    _ source: String, _ arguments: [Int], _ options: BuildOptions, measuring what: String
  ) throws -> [Double] {
    let compiler = try CCompiler(options.compiler)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("graphc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    let (file, program) = (folder.appendingPathComponent("probe.c"), folder.appendingPathComponent("probe"))
    try AtomicFile.write(Data(source.utf8), to: file)
    let flags =
      ["-std=gnu11", "-O3"] + options.machineFlags
      + ["-ffp-contract=fast", "-Wno-psabi", file.path, "-o", program.path, "-lpthread"]
    let built = try RunningProcess(compiler.url, flags).finish()
    guard built.status == 0 else {
      throw ElbowError(
        .toolchain, "'\(compiler.url.path)' could not compile the measurement of \(what).",
        notes: built.output.split(separator: "\n").prefix(12).map(String.init))
    }
    let ran = try RunningProcess(program, arguments.map(\.description)).finish()
    let numbers = ran.output.split(whereSeparator: \.isWhitespace).map { Double($0) }
    let values = numbers.compactMap { $0 }
    guard ran.status == 0, !values.isEmpty, values.count == numbers.count else {
      throw ElbowError(.toolchain, "The measurement of \(what) failed (exit status \(ran.status)).")
    }
    return values
  }
}
