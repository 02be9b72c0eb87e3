import ElbowArrays
import Foundation
import TestFolders
import Testing

/// The headers that compiled graphs include, tested in the language they are used from: each C program
/// beside this file is built by every compiler there is, for several kinds of processor, and run.
@Suite("Headers of compiled graphs")
struct PreludeTests {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let headers = directory.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Codegen/Prelude")

  /// The compilers on the search path, by name.
  static let compilers: [URL] = ["clang", "gcc"].compactMap { RunningProcess.find($0) }

  /// How the emitted programs are built, and that the headers are free of warnings.
  static let flags = [
    "-O3", "-ffp-contract=off", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-psabi", "-I", headers.path,
  ]

  /// How many lanes a vector has on this processor, if nothing else is asked for.
  static let nativeLanes: Int = {
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return information.contains(" avx512f ") ? 16 : information.contains(" avx ") ? 8 : 4
  }()

  /// The kinds of processor to build for: this one, which stands for the highest level of its architecture that it has, and
  /// the levels below.
  static let targets: [[String]] = {
    #if arch(x86_64)
      return [["-march=native"], ["-march=x86-64"]] + (nativeLanes == 16 ? [["-march=x86-64-v3"]] : [])
    #else
      return [[]]
    #endif
  }()

  /// Builds a program beside this file and runs it. Where it does not build, `otherwise` decides.
  static func check(
    _ name: String, compiler: URL, flags extra: [String], arguments: [String] = [], optional: Bool = false,
    under launcher: (URL, [String])? = nil
  ) throws {
    try withTemporaryFolder { folder in
      let program = folder.appendingPathComponent(name)
      let source = directory.appendingPathComponent("\(name).c")
      let built = try RunningProcess(
        compiler,
        flags + extra + [source.path, "-o", program.path, "-lm"]
          + (compiler.lastPathComponent.hasPrefix("arm-none-eabi") ? [] : ["-pthread"])
      ).finish()
      guard built.status == 0 else {
        if !optional {
          Issue.record("\(compiler.path) \(extra.joined(separator: " ")) does not build \(name).c:\n\(built.output)")
        }
        return
      }
      let (first, words) = launcher.map { ($0, $1 + [program.path]) } ?? (program, [])
      let outcome = try RunningProcess(first, words + arguments).finish()
      #expect(
        outcome.status == 0,
        "\(name), built by \(compiler.path) \(extra.joined(separator: " ")):\n\(outcome.output)")
    }
  }

  /// Emitted programs are built by -O3, so clang, which is the default, and what this processor runs are tested by it. GCC takes
  /// four times as long for it as for -O1.
  static func optimized(_ target: [String], by compiler: URL) -> [String] {
    target + (compiler.lastPathComponent == "clang" || target == targets[0] ? [] : ["-O1"])
  }

  @Test("Vectors do what loops over scalars do", arguments: compilers, targets)
  func vectors(compiler: URL, target: [String]) throws {
    try Self.check("vector", compiler: compiler, flags: Self.optimized(target, by: compiler))
    try Self.check("vector", compiler: compiler, flags: target + ["-O0"])
  }

  @Test("Elementary functions are as accurate as stated", arguments: compilers, targets)
  func accuracy(compiler: URL, target: [String]) throws {
    try Self.check("accuracy", compiler: compiler, flags: target, arguments: ["16411", "100000"])
    // Each register by itself: where NaN meets NaN the lanes of one may get another sign than those of the next.
    try Self.check("accuracy", compiler: compiler, flags: target + ["-O0"], arguments: ["1640011", "2000"])
  }

  @Test("The gamma and beta functions are as accurate as stated", arguments: compilers, targets)
  func special(compiler: URL, target: [String]) throws {
    try Self.check("special", compiler: compiler, flags: Self.optimized(target, by: compiler))
  }

  @Test("Random words are Random123's", arguments: compilers, targets)
  func random(compiler: URL, target: [String]) throws {
    try Self.check("random", compiler: compiler, flags: Self.optimized(target, by: compiler))
  }

  @Test("Matrices of every size are transposed", arguments: compilers, targets)
  func transposes(compiler: URL, target: [String]) throws {
    try Self.check("transpose", compiler: compiler, flags: Self.optimized(target, by: compiler))
  }

  @Test("Products of every size are right and do not depend on tiles", arguments: compilers, targets)
  func contractions(compiler: URL, target: [String]) throws {
    try Self.check("contraction", compiler: compiler, flags: Self.optimized(target, by: compiler))
  }

  /// Those as wide as a register are tested above.
  @Test("Vectors narrower and wider than a register agree too", arguments: compilers, [4, 8, 16])
  func lanes(compiler: URL, lanes: Int) throws {
    let flags = ["-O1", "-DEL_LANES=\(lanes)"]
    // Without another word compilers build for the least that a processor can be, whose registers have four lanes.
    if lanes != 4 {
      for name in ["vector", "random", "transpose"] { try Self.check(name, compiler: compiler, flags: flags) }
    }
    if lanes != Self.nativeLanes {
      try Self.check("contraction", compiler: compiler, flags: flags + ["-march=native"])
    }
  }

  @Test("Threads run, meet and are ordered", arguments: compilers)
  func threads(compiler: URL) throws {
    try Self.check("threads", compiler: compiler, flags: [])
    try Self.check("threads", compiler: compiler, flags: ["-DELBOW_NO_THREADS"])
  }

  @Test("A model's handles, arguments and threads are checked", arguments: compilers)
  func model(compiler: URL) throws {
    try Self.check("model", compiler: compiler, flags: ["-O0"])
    try Self.check("model", compiler: compiler, flags: ["-O0", "-DELBOW_NO_THREADS"])
    try Self.check(
      "model", compiler: compiler, flags: ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
      optional: true)
  }

  @Test("Threads have no data races", arguments: compilers)
  func races(compiler: URL) throws {
    // Not every compiler comes with the sanitizer's runtime, and older ones do not cope with address randomisation.
    try Self.check(
      "threads", compiler: compiler, flags: ["-g", "-O1", "-fsanitize=thread"], optional: true,
      under: RunningProcess.find("setarch").map { ($0, ["-R"]) })
  }
}
