import Elbow
import ElbowExamples
import Foundation
import TestFolders
import Testing

/// Every Swift snippet of the documentation compiles against the library as it is, and runs.
///
/// A snippet that begins with an import begins a program, and those after it on the page continue it. On the pages of systems
/// those without an import are pieces of the examples, which ``SystemPageTests`` looks for there. A program is not run if the
/// line before one of its snippets is a comment that says why not, `<!-- not run: needs a download -->`.
///
/// The programs of a page run one after the other in a folder of their own, where `vae.so` and the weights of an untrained
/// cs20-vae lie, as the commands that the pages show would have left them.
@Suite struct SnippetTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The pages with snippets.
  static let pages: [String] = {
    let documents =
      (try? FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent("docs").path)) ?? []
    let names =
      ["README.md", "CONTRIBUTING.md"] + documents.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    return names.filter { (try? !programs(of: $0).isEmpty) ?? true }
  }()

  /// A piece of Swift, and why it is not run.
  struct Snippet {
    var text: String
    var obstacle: String?
  }

  static func snippets(of page: String) throws -> [Snippet] {
    var snippets: [Snippet] = []
    var open: [String]?
    var (before, obstacle) = ("", String?.none)
    for line in try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8).components(separatedBy: "\n")
    {
      if let lines = open, line == "```" {
        snippets.append(Snippet(text: lines.joined(separator: "\n"), obstacle: obstacle))
        open = nil
      } else if open != nil {
        open?.append(line)
      } else if line == "```swift" {
        obstacle = before.hasPrefix("<!-- not run: ") ? before : nil
        open = []
      }
      before = line
    }
    return snippets
  }

  /// The snippets of a page joined into programs.
  static func programs(of page: String) throws -> [Snippet] {
    var programs: [Snippet] = []
    for snippet in try snippets(of: page) {
      if page.hasPrefix("docs/systems/"), !snippet.text.hasPrefix("import ") { continue }
      if snippet.text.hasPrefix("import ") {
        programs.append(snippet)
      } else if let last = programs.popLast() {
        programs.append(Snippet(text: last.text + "\n" + snippet.text, obstacle: last.obstacle ?? snippet.obstacle))
      } else {
        programs.append(Snippet(text: "import Elbow\nimport Foundation\n" + snippet.text, obstacle: snippet.obstacle))
      }
    }
    return programs
  }

  @Test func pagesAreFound() { #expect(Set(Self.pages).isSuperset(of: ["README.md", "docs/training.md"])) }

  @Test(arguments: pages)
  func snippetsCompile(page: String) throws {
    for (number, program) in try SnippetPrograms.shared.get().of(page).enumerated() {
      #expect(program.complaints.isEmpty, "\(page), program \(number + 1):\n\(program.complaints.prefix(4000))")
    }
  }

  @Test(arguments: pages)
  func snippetsRun(page: String) throws {
    let programs = try SnippetPrograms.shared.get()
    try withTemporaryFolder { folder in
      let copy = folder.appendingPathComponent("copy")
      try FileManager.default.copyItem(at: programs.trained, to: copy)
      for (number, program) in programs.of(page).enumerated() where program.obstacle == nil {
        let outcome = try programs.run(program, in: copy)
        #expect(outcome.status == 0, "\(page), program \(number + 1):\n\(outcome.output.suffix(4000))")
      }
    }
  }

  @Test func mistakesAreFound() throws {
    #expect(try SnippetCompiler().complaints(about: "import Elbow\nlet graph = Graph(1)").contains("error: "))
  }
}
