import Elbow
import ElbowExamples
import Foundation
import TestFolders
import Testing

/// The emitted C for other machines than this: it compiles without their C libraries, and where there is a compiler and
/// something to run its programs on, it computes what it computes here.
@Suite("Emitted C on other machines", .serialized)
struct CrossCompilationTests {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  private static let model = "cs20-vae"

  /// The machines that the clang on the search path makes code for, by clang's names.
  private static let backends: Set<String> = {
    guard let clang = RunningProcess.find("clang"),
      let result = try? RunningProcess(clang, ["--print-targets"]).finish()
    else { return [] }
    return Set(result.output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
  }()

  // MARK: Compiling without a C library

  @Test(.enabled(if: backends.contains("x86-64"), "no clang with a backend for x86-64"), arguments: ["3", "4"])
  func compilesForX86(level: String) throws { try compileBare(level == "3" ? .x86v3 : .x86v4) }

  @Test(.enabled(if: backends.contains("aarch64"), "no clang with a backend for aarch64"))
  func compilesForAArch64() throws { try compileBare(.aarch64) }

  @Test(.enabled(if: backends.contains("riscv64"), "no clang with a backend for riscv64"))
  func compilesForRISCV() throws { try compileBare(.riscv64) }

  @Test(.enabled(if: backends.contains("wasm32"), "no clang with a backend for wasm32"))
  func compilesForWebAssembly() throws { try compileBare(.wasm32) }

  /// With the headers that come with clang and a few declarations, so that it works on every machine.
  private func compileBare(_ target: Target) throws {
    let triple = try #require(target.triple)
    let bare = [
      "--target=\(triple)", "-ffreestanding", "-nostdlibinc", "-isystem",
      CrossCompilationTests.tests.appendingPathComponent("Freestanding").path,
    ]
    try withFiles { folder, sources in
      for source in sources {
        let flags = BuildOptions(target: target, optimization: 1).programFlags + CrossCompilationTests.strict
        try compile("clang", bare + flags + ["-c", source, "-o", folder.appendingPathComponent("object.o").path])
      }
    }
  }

  /// The standard's C, with the C library's own functions beside it and without, has threads and has not.
  @Test(arguments: GeneratedExample.compilers, [["-D_DEFAULT_SOURCE"], []])
  func compilesAsStandardC(compiler: String, library: [String]) throws {
    try withFiles { folder, sources in
      for source in sources {
        try compile(
          compiler,
          // The manifest is one string, longer than C promises to take.
          ["-std=c11", "-pedantic", "-Wno-overlength-strings", "-Wno-psabi", "-fsyntax-only"]
            + CrossCompilationTests.strict + library
            + [source])
      }
      let object = folder.appendingPathComponent("object.o").path
      try compile(compiler, ["-std=c11", "-Wno-psabi", "-O0", "-c"] + library + [sources[0], "-o", object])
      let code = try Data(contentsOf: URL(fileURLWithPath: object))
      #expect((code.range(of: Data("pthread_create".utf8)) != nil) == !library.isEmpty)
    }
  }

  // MARK: Running

  /// A way to run programs for another machine.
  struct Emulation: CustomTestStringConvertible, Sendable {
    let target: Target
    let compiler: String
    /// The command that runs a program.
    let runner: [String]
    var testDescription: String { "\(target.name) by \(compiler)" }

    var isHere: Bool { [compiler, runner[0]].allSatisfy { RunningProcess.find($0) != nil } }
  }

  @Test(
    .enabled(
      if: aarch64.contains(where: \.isHere), "qemu-aarch64 and a compiler for aarch64 are missing: see .ci/run"),
    arguments: aarch64.filter(\.isHere))
  func trainsOnAArch64(_ emulation: Emulation) throws { try trainAlike(emulation) }
  private static let aarch64 = [
    Emulation(target: .aarch64, compiler: "aarch64-linux-gnu-gcc", runner: ["qemu-aarch64"]),
    Emulation(target: .aarch64, compiler: "clang", runner: ["qemu-aarch64"]),
  ].filter { canCompile($0.target) }

  @Test(
    .enabled(if: riscv64.isHere && canCompile(.riscv64), "qemu-riscv64 and a compiler for riscv64 are missing"))
  func trainsOnRISCV() throws { try trainAlike(CrossCompilationTests.riscv64) }
  private static let riscv64 = Emulation(
    target: .riscv64, compiler: "riscv64-linux-gnu-gcc", runner: ["qemu-riscv64"])

  @Test(.enabled(if: wasm32.isHere && canCompile(.wasm32), "node and a clang with WASI's C library are missing"))
  func trainsInWebAssembly() throws { try trainAlike(CrossCompilationTests.wasm32) }
  private static let wasm32 = Emulation(target: .wasm32, compiler: "clang", runner: ["node"])

  private static func canCompile(_ target: Target) -> Bool {
    (try? CCompiler(for: BuildOptions(target: target))) != nil
  }

  /// The losses of the first steps there are those here, up to the rounding of float32.
  private func trainAlike(_ emulation: Emulation) throws {
    try withFiles { folder, sources in
      let here = folder.appendingPathComponent("here").path
      let there = folder.appendingPathComponent("there").path
      let host = try CCompiler()
      try compile(host.url.path, program(.native, sources, here))
      let isClang = emulation.compiler == "clang"
      let cross = isClang ? ["--target=\(try #require(emulation.target.triple))"] : []
      try compile(
        emulation.compiler,
        cross + (emulation.target == .wasm32 ? [] : ["-static"]) + program(emulation.target, sources, there))
      let expected = try losses(RunningProcess(URL(fileURLWithPath: here), []))
      let runner = try #require(RunningProcess.find(emulation.runner[0]))
      var arguments = emulation.runner.dropFirst() + [there]
      if emulation.target == .wasm32 {
        let script = folder.appendingPathComponent("run.mjs")
        try Data(CrossCompilationTests.wasiScript.utf8).write(to: script)
        arguments = ["--no-warnings", script.path] + arguments
      }
      let found = try losses(RunningProcess(runner, Array(arguments)))
      #expect(expected.count == 11 && found.count == 11)
      for (a, b) in zip(expected, found) {
        #expect(abs(a - b) <= 2e-5 * max(abs(a), 0.1), "\(b) there, \(a) here")
      }
    }
  }

  private func program(_ target: Target, _ sources: [String], _ output: String) -> [String] {
    BuildOptions(target: target, optimization: 1).programFlags
      + ["-I", CrossCompilationTests.tests.path, "-I", URL(fileURLWithPath: output).deletingLastPathComponent().path]
      + sources + [CrossCompilationTests.tests.appendingPathComponent("cs20_vae_losses.c").path, "-o", output, "-lm"]
      + (target.hasThreads ? ["-lpthread"] : [])
  }

  private func losses(_ process: RunningProcess) throws -> [Double] {
    let (status, output) = process.finish()
    #expect(status == 0, "\(output.suffix(2000))")
    return output.split(separator: "\n").compactMap { Double($0) }
  }

  private static let wasiScript = """
    import { readFileSync } from 'node:fs';
    import { WASI } from 'node:wasi';
    const wasi = new WASI({ version: 'preview1' });
    const module = await WebAssembly.compile(readFileSync(process.argv[2]));
    const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
    process.exitCode = wasi.start(instance);

    """

  // MARK: Libraries

  /// Each target's library is for its architecture and says so; only those for this machine are loaded.
  @Test(arguments: Target.all.map(\.name))
  func buildsLibraries(name: String) throws {
    let target = try #require(Target.named(name))
    let example = try GeneratedExample.make("cs20-regression")
    let options = BuildOptions(target: target, optimization: 0)
    try withTemporaryFolder { folder in
      let compiler = ModelCompiler(name: example.name, options: options)
      guard CrossCompilationTests.canCompile(target) else {
        let error = #expect(throws: ElbowError.self) {
          try compiler.compile(example.graph, example.signatures, to: folder)
        }
        #expect(error?.kind == .toolchain && error?.message.contains("'apt-get install ") == true)
        return
      }
      let library = try compiler.compile(example.graph, example.signatures, to: folder)
      guard target != .wasm32 else {
        let error = #expect(throws: ElbowError.self) { try LibraryImage(contentsOf: library) }
        #expect(error?.message.contains("is a WebAssembly module") == true)
        return
      }
      let image = try LibraryImage(contentsOf: library)
      #expect(image.manifest.target == options.manifestTarget)
      #expect(target.architecture == "any" || image.architecture == target.architecture)
      if image.architecture == CPUFeatures.architecture {
        let isRunnable = (try? image.checkRunnable()) != nil
        #expect(isRunnable == CPUFeatures.missing(from: image.manifest.target.features).isEmpty)
      } else {
        let error = #expect(throws: ElbowError.self) { try CompiledModel(contentsOf: library) }
        let expected = "is for \(target.architecture), but this machine is \(CPUFeatures.architecture)"
        #expect(error?.message.contains(expected) == true)
      }
    }
  }

  /// A compiler that makes code for this machine is not taken for one that makes code for another.
  @Test(.enabled(if: RunningProcess.find("gcc") != nil, "no gcc")) func refusesACompilerForThisMachine() throws {
    let other = CPUFeatures.architecture == "aarch64" ? Target.riscv64 : .aarch64
    let error = #expect(throws: ElbowError.self) {
      try CCompiler(for: BuildOptions(compiler: "gcc", target: other))
    }
    #expect(error?.message.contains("builds for \(other.name)") == true)
    #expect(error?.notes.first?.hasPrefix("'gcc' compiles for \(CPUFeatures.architecture)") == true)
  }

  // MARK: Helpers

  private static let strict = ["-Wall", "-Wextra", "-Werror"]

  private func compile(_ command: String, _ arguments: [String]) throws {
    let result = try RunningProcess(#require(RunningProcess.find(command)), arguments).finish()
    #expect(result.status == 0, "\(command) \(arguments.joined(separator: " ")): \(result.output.prefix(3000))")
  }

  /// Calls a body with a folder that holds the emitted files, and with the paths of those to compile.
  private func withFiles(_ body: (_ folder: URL, _ sources: [String]) throws -> Void) throws {
    let files = try GeneratedExample.files(of: CrossCompilationTests.model)
    try withTemporaryFolder { folder in
      try GeneratedExample.write(files, to: folder)
      try body(
        folder, files.keys.filter { $0.hasSuffix(".c") }.sorted().map { folder.appendingPathComponent($0).path })
    }
  }
}
