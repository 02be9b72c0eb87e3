import ElbowExamples
import Foundation
import Testing

/// The pages of the systems show pieces of the examples as they are.
@Suite struct SystemPageTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let pages =
    ((try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("docs/systems").path)) ?? [])
    .sorted()

  /// The lines of a text, without what they are indented by.
  private static func lines(_ text: String) -> String {
    let lines = text.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    return "\n" + lines.joined(separator: "\n") + "\n"
  }

  private static func sources() throws -> [String] {
    let folder = root.appendingPathComponent("Sources/ElbowExamples")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).map {
      lines(try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
    }
  }

  @Test(arguments: pages)
  func snippetsAreOfTheExamples(page: String) throws {
    let sources = try Self.sources()
    let snippets = try SnippetTests.snippets(of: "docs/systems/\(page)").map(\.text).filter { !$0.hasPrefix("import ") }
    #expect(!snippets.isEmpty)
    for snippet in snippets {
      #expect(sources.contains { $0.contains(Self.lines(snippet)) }, "docs/systems/\(page) is out of date:\n\(snippet)")
    }
  }

  @Test func everyExampleHasItsCommandOnAPage() throws {
    let text = try Self.pages.map {
      try String(contentsOf: Self.root.appendingPathComponent("docs/systems/\($0)"), encoding: .utf8)
    }.joined()
    for example in ExampleCatalog.all {
      #expect(text.contains("    graphc train \(example.name) "), "No page says how to train '\(example.name)'.")
    }
  }
}
