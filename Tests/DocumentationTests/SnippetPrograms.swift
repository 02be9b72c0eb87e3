import Elbow
import ElbowExamples
import Foundation
import TestFolders
import Testing

/// The documentation's programs, compiled all at once into one executable, which is told which of them to be.
struct SnippetPrograms {
  struct Program {
    let page: String
    /// Why it is not run; nil if it is.
    let obstacle: String?
    /// The Swift compiler's complaints; empty if it has none.
    let complaints: String
    /// The argument that chooses it; nil if it does not compile.
    let number: Int?
  }

  private let all: [Program]
  /// Holds the files of all programs, as long as this is there.
  private let folder: TemporaryFolder
  private let executable: URL
  /// A folder with what `graphc build cs20-vae -o vae.so` and `graphc train cs20-vae` would leave.
  let trained: URL
  /// The cache of the code that the programs compile.
  private let cache: URL

  func of(_ page: String) -> [Program] { all.filter { $0.page == page } }

  /// Made once, and removed when the process ends.
  static let shared = Result { try SnippetPrograms() }

  private init() throws {
    folder = try TemporaryFolder("elbow-snippets")
    let place = folder.url
    cache = place.appendingPathComponent("cache")
    trained = place.appendingPathComponent("trained")
    executable = place.appendingPathComponent("programs")
    let compiler = try SnippetCompiler()
    // Compilers run side by side, as many as there are cores.
    let sources = try SnippetTests.pages.flatMap { page in try SnippetTests.programs(of: page).map { (page, $0) } }
    var complaints: [String] = []
    let width = max(2, ProcessInfo.processInfo.activeProcessorCount)
    for start in stride(from: 0, to: sources.count, by: width) {
      let running = try sources[start..<min(start + width, sources.count)].enumerated().map { index, source in
        try compiler.compile(source.1.text, number: start + index, in: place)
      }
      complaints += running.map { SnippetCompiler.complaints($0.finish()) }
    }
    all = zip(sources, complaints).enumerated().map { index, program in
      Program(
        page: program.0.0, obstacle: program.0.1.obstacle, complaints: program.1,
        number: program.1.isEmpty ? index : nil)
    }
    try compiler.link(all.compactMap(\.number), in: place, to: executable)
    try SnippetPrograms.prepare(trained)
  }

  /// Builds the library and saves weights.
  private static func prepare(_ trained: URL) throws {
    let runs = trained.appendingPathComponent("runs/cs20-vae")
    try FileManager.default.createDirectory(at: runs, withIntermediateDirectories: true)
    let model = try VariationalAutoencoder.make()
    let library = try ModelCompiler(name: model.name, options: BuildOptions(optimization: 0))
      .compile(model.graph, model.signatures, to: trained.appendingPathComponent("build"))
    try FileManager.default.copyItem(at: library, to: trained.appendingPathComponent("vae.so"))
    try FileManager.default.removeItem(at: trained.appendingPathComponent("build"))
    try Weights.save(
      CompiledModel(contentsOf: trained.appendingPathComponent("vae.so"), seed: 42),
      to: runs.appendingPathComponent("weights.safetensors"))
  }

  func run(_ program: Program, in folder: URL) throws -> (status: Int32, output: String) {
    guard let number = program.number else { return (1, "it does not compile") }
    return try RunningProcess(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["-C", folder.path, "TMPDIR=\(folder.path)", "XDG_CACHE_HOME=\(cache.path)", executable.path, "\(number)"]
    ).finish()
  }
}

/// The Swift compiler, with this build's modules.
struct SnippetCompiler {
  private let compiler: URL
  private let products: URL
  private let flags: [String]

  init() throws {
    products = try #require(Bundle.main.executableURL).resolvingSymlinksInPath().deletingLastPathComponent()
    compiler = try #require(RunningProcess.find("swiftc"), "swiftc is not in the PATH")
    flags =
      ["-swift-version", "6", "-I", products.appendingPathComponent("Modules").path]
      + SnippetCompiler.moduleMaps(products).flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
  }

  static func complaints(_ outcome: (status: Int32, output: String)) -> String {
    outcome.status == 0 && !outcome.output.contains("warning: ") ? "" : outcome.output
  }

  func complaints(about text: String) throws -> String {
    try withTemporaryFolder { SnippetCompiler.complaints(try compile(text, number: 0, in: $0).finish()) }
  }

  /// Starts compiling a program whose `main` becomes a function of its own.
  func compile(_ text: String, number: Int, in folder: URL) throws -> RunningProcess {
    let place = folder.appendingPathComponent("\(number)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let main = place.appendingPathComponent("main.swift")
    try Data(text.utf8).write(to: main)
    return try RunningProcess(
      compiler,
      ["-c", "-Onone", "-module-name", "Snippet\(number)", "-Xfrontend", "-entry-point-function-name"]
        + ["-Xfrontend", "snippet_\(number)", main.path, "-o", folder.appendingPathComponent("\(number).o").path]
        + flags)
  }

  /// Links the programs with the library's objects and a `main` that calls the one of a number.
  func link(_ numbers: [Int], in folder: URL, to executable: URL) throws {
    var text = ""
    for number in numbers {
      text += "@_silgen_name(\"snippet_\(number)\")\n"
      text += "func snippet\(number)(_ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>)"
      text += " -> Int32\n"
    }
    let cases = numbers.map { "case \"\($0)\": exit(snippet\($0)(CommandLine.argc, CommandLine.unsafeArgv))" }
    text =
      "import Foundation\n" + text + "switch CommandLine.arguments[1] {\n" + cases.joined(separator: "\n")
      + "\ndefault: exit(99)\n}\n"
    let main = folder.appendingPathComponent("main.swift")
    try Data(text.utf8).write(to: main)
    let outcome = try RunningProcess(
      compiler,
      ["-Onone", "-module-name", "Snippets", main.path, "-o", executable.path]
        + numbers.map { folder.appendingPathComponent("\($0).o").path } + libraryObjects() + flags
    ).finish()
    #expect(outcome.status == 0, "\(outcome.output)")
    // Files that the library reads at run time lie beside the program.
    for name in try FileManager.default.contentsOfDirectory(atPath: products.path) where name.hasSuffix(".resources") {
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent(name), withDestinationURL: products.appendingPathComponent(name))
    }
  }

  /// The library's objects: those that `graphc` is linked of, but for its own.
  private func libraryObjects() throws -> [String] {
    let list = products.appendingPathComponent("graphc.product/Objects.LinkFileList")
    return try String(contentsOf: list, encoding: .utf8).split(separator: "\n").map(String.init)
      .filter { !$0.contains("/graphc.build/") }
  }

  /// How C modules are found: those of the sources, those that SwiftPM makes, and those of the packages that are needed.
  private static func moduleMaps(_ products: URL) -> [String] {
    func folders(in folder: URL) -> [URL] {
      ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
        .map { folder.appendingPathComponent($0) }
    }
    let packages = products.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("checkouts")
    let modules = folders(in: packages).flatMap { folders(in: $0.appendingPathComponent("Sources")) }
    let places =
      folders(in: SnippetTests.root.appendingPathComponent("Sources")) + folders(in: products)
      + modules.map { $0.appendingPathComponent("include") }
    return places.map { $0.appendingPathComponent("module.modulemap").path }
      .filter { FileManager.default.fileExists(atPath: $0) }
  }
}
