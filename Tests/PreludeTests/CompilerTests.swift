import ElbowArrays
import Foundation
import TestFolders
import Testing

/// Possible compilers, flags, dialects and C libraries: the headers are right with them, or refuse them in a sentence.
@Suite("Headers of compiled graphs with any compiler")
struct CompilerTests {
  private static let program = PreludeTests.directory.appendingPathComponent("headers.c").path
  private static let careful = ["-Wall", "-Wextra", "-Werror", "-Wno-psabi", "-I", PreludeTests.headers.path]
  /// Swift's own clang, which is newer than that of most distributions.
  private static let toolchainClang = RunningProcess.find("swift").map {
    $0.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("clang")
  }.flatMap { RunningProcess.find($0.path) }
  static let compilers = PreludeTests.compilers + (toolchainClang.map { [$0] } ?? [])

  private func compile(_ compiler: URL, _ flags: [String]) throws -> (status: Int32, output: String) {
    let result = try RunningProcess(compiler, Self.careful + flags + [Self.program]).finish()
    return (result.status, result.output)
  }

  @Test("Careless arithmetic is refused", arguments: compilers)
  func careless(compiler: URL) throws {
    var refused = [["-ffast-math"], ["-ffinite-math-only"]]
    // The options that the other flags turn on are known with gcc only.
    if compiler.lastPathComponent.hasPrefix("gcc") {
      refused += [
        ["-Ofast"], ["-funsafe-math-optimizations"], ["-freciprocal-math"], ["-fno-signed-zeros"],
        ["-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math"], ["-fsingle-precision-constant"],
      ]
    }
    for flags in refused {
      let (status, output) = try compile(compiler, ["-fsyntax-only"] + flags)
      #expect(status != 0 && output.contains("This code needs "), "\(flags) with \(compiler.path): \(output)")
    }
  }

  @Test("Registers of another precision are refused", arguments: PreludeTests.compilers)
  func excessPrecision(compiler: URL) throws {
    let (status, output) = try compile(
      compiler, ["-fsyntax-only", "-Wno-builtin-macro-redefined", "-U__FLT_EVAL_METHOD__", "-D__FLT_EVAL_METHOD__=2"])
    #expect(status != 0 && output.contains("in their own precision"), "\(output)")
  }

  @Test("Clang keeps the order of sums", arguments: compilers.filter { $0.lastPathComponent == "clang" })
  func order(compiler: URL) throws {
    try withFile("sum.c", "#include \"elbow_vector.h\"\nfloat f(float a, float b) { return (a + b) - a; }\n") { file in
      let result = try RunningProcess(
        compiler, Self.careful + ["-O1", "-funsafe-math-optimizations", "-S", "-emit-llvm", file.path, "-o", "-"]
      ).finish()
      #expect(result.status == 0 && result.output.contains("fsub"), "\(result.output)")
    }
  }

  /// GCC without optimisation compiles static functions that nobody calls, unless they are inline: 8 seconds of them a file.
  @Test("What a file does not call is not compiled", arguments: PreludeTests.compilers)
  func unused(compiler: URL) throws {
    let includes = try String(contentsOfFile: Self.program, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("#include") }.joined(separator: "\n")
    try withFile("unused.c", includes + "\nint main(void) { return 0; }\n") { file in
      let assembly = file.path + ".s"
      let result = try RunningProcess(compiler, Self.careful + ["-O0", "-S", file.path, "-o", assembly]).finish()
      #expect(result.status == 0, "\(result.output)")
      let text = try String(contentsOfFile: assembly, encoding: .utf8)
      for name in ["el_contract_", "el_transpose_", "el_dots_panel_", "el_narrow_", "el_lgamma_f64"] {
        #expect(!text.contains("\n\(name)"), "\(name)")
      }
    }
  }

  @Test("Every dialect of C will do", arguments: compilers, ["c99", "gnu99", "c11", "gnu11", "gnu2x"])
  func dialects(compiler: URL, dialect: String) throws {
    let (status, output) = try compile(compiler, ["-std=\(dialect)", "-fsyntax-only"])
    #expect(status == 0, "\(output)")
  }

  /// A compiler for another C library or word size, where there is one.
  struct Toolchain: CustomTestStringConvertible, Sendable {
    let compiler: String
    let flags: [String]
    /// The command that runs its programs.
    var runner: [String] = []
    var testDescription: String { ([compiler] + flags).joined(separator: " ") }
  }

  static let toolchains: [Toolchain] = [
    Toolchain(compiler: "musl-gcc", flags: ["-static"]),
    // A C library with <pthread.h> and no threads.
    Toolchain(
      compiler: "arm-none-eabi-gcc",
      flags: ["-mcpu=cortex-a9", "-mfpu=neon", "-mfloat-abi=hard", "--specs=rdimon.specs"], runner: ["qemu-arm"]),
    Toolchain(compiler: "gcc", flags: ["-m32", "-msse2", "-mfpmath=sse"] + kernelHeaders),
    Toolchain(compiler: "clang", flags: ["-m32", "-msse2"] + kernelHeaders),
    Toolchain(compiler: "s390x-linux-gnu-gcc-12", flags: ["-static"], runner: ["qemu-s390x"]),
  ].filter { $0.isHere }

  /// Where Debian keeps the kernel's headers, for 32 bits as well.
  private static let kernelHeaders = ["-idirafter", "/usr/include/x86_64-linux-gnu"]

  @Test("Other C libraries and word sizes run it", arguments: toolchains)
  func runs(toolchain: Toolchain) throws {
    let compiler = try #require(RunningProcess.find(toolchain.compiler))
    let runner = toolchain.runner.first.map { (RunningProcess.find($0) ?? compiler, [String]()) }
    try PreludeTests.check("headers", compiler: compiler, flags: ["-O1"] + toolchain.flags, under: runner)
  }
}

extension CompilerTests.Toolchain {
  /// Whether it makes programs, and they run.
  fileprivate var isHere: Bool {
    guard let compiler = RunningProcess.find(compiler), runner.allSatisfy({ RunningProcess.find($0) != nil }) else {
      return false
    }
    return
      (try? withFile("empty.c", "#include <stdlib.h>\nint main(void) { return 0; }\n") { file in
        let output = file.deletingPathExtension().path
        return try RunningProcess(compiler, flags + [file.path, "-o", output]).finish().status == 0
      }) ?? false
  }
}

/// Calls with a file of this text, in a folder of its own.
private func withFile<Result>(_ name: String, _ text: String, _ body: (URL) throws -> Result) throws -> Result {
  try withTemporaryFolder { folder in
    let file = folder.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return try body(file)
  }
}
