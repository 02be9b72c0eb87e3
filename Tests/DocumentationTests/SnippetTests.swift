import ElbowArrays
import Foundation
import Testing

/// Every Swift snippet of the documentation compiles against the library as it is.
///
/// A snippet that begins with an import begins a program, and those after it on the page continue it. On the pages of systems
/// those without an import are pieces of the examples, which ``SystemPageTests`` looks for there.
@Suite struct SnippetTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The pages with snippets.
  static let pages: [String] = {
    let documents =
      (try? FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent("docs").path)) ?? []
    let names =
      ["README.md", "CONTRIBUTING.md"] + documents.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    return names.filter { (try? !programs(of: $0).isEmpty) ?? true }
  }()

  static func snippets(of page: String) throws -> [String] {
    var snippets: [String] = []
    var open: [String]?
    for line in try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8).components(separatedBy: "\n")
    {
      if let lines = open, line == "```" {
        snippets.append(lines.joined(separator: "\n"))
        open = nil
      } else if open != nil {
        open?.append(line)
      } else if line == "```swift" {
        open = []
      }
    }
    return snippets
  }

  /// The snippets of a page joined into programs.
  private static func programs(of page: String) throws -> [String] {
    var programs: [String] = []
    for snippet in try snippets(of: page) {
      if page.hasPrefix("docs/systems/"), !snippet.hasPrefix("import ") { continue }
      if snippet.hasPrefix("import ") {
        programs.append(snippet)
      } else if let last = programs.popLast() {
        programs.append(last + "\n" + snippet)
      } else {
        programs.append("import Elbow\nimport Foundation\n" + snippet)
      }
    }
    return programs
  }

  @Test func pagesAreFound() { #expect(Set(Self.pages).isSuperset(of: ["README.md", "docs/training.md"])) }

  @Test(arguments: pages)
  func snippetsCompile(page: String) throws {
    for (number, program) in try Self.programs(of: page).enumerated() {
      let complaints = try Self.complaints(about: program)
      #expect(complaints.isEmpty, "\(page), program \(number + 1):\n\(complaints.prefix(4000))")
    }
  }

  @Test func mistakesAreFound() throws {
    #expect(try Self.complaints(about: "import Elbow\nlet graph = Graph(1)").contains("error: "))
  }

  /// What the Swift compiler says of a program; empty if it has nothing to say.
  private static func complaints(about program: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-snippets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let main = folder.appendingPathComponent("main.swift")
    try Data(program.utf8).write(to: main)
    let products = try #require(Bundle.main.executableURL).resolvingSymlinksInPath().deletingLastPathComponent()
    let compiler = try #require(RunningProcess.find("swiftc"), "swiftc is not in the PATH")
    let outcome = try RunningProcess(
      compiler,
      ["-typecheck", "-swift-version", "6", "-I", products.appendingPathComponent("Modules").path, main.path]
        + moduleMaps(products).flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
    ).finish()
    return outcome.status == 0 && !outcome.output.contains("warning: ") ? "" : outcome.output
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
      folders(in: root.appendingPathComponent("Sources")) + folders(in: products)
      + modules.map { $0.appendingPathComponent("include") }
    return places.map { $0.appendingPathComponent("module.modulemap").path }
      .filter { FileManager.default.fileExists(atPath: $0) }
  }
}
