import Foundation
import Testing

/// The table of contents of the site that `Scripts/documentation` makes.
@Suite struct CatalogueTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func contents() throws -> String {
    try String(contentsOf: root.appendingPathComponent("Sources/Elbow/Elbow.docc/Elbow.md"), encoding: .utf8)
  }

  @Test func everyPageIsListedOnce() throws {
    let folder = Self.root.appendingPathComponent("docs")
    let pages = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
    let names = pages.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
    #expect(Set(names).count == names.count, "Two pages of docs/ share a name, which DocC goes by.")
    let listed = try Self.contents().matches(of: #/<doc:about-([^>]+)>/#).map { String($0.1) }
    #expect(listed.sorted() == names.sorted())
  }

  @Test func everyModuleThatIsExportedHasAPage() throws {
    let source = try String(
      contentsOf: Self.root.appendingPathComponent("Sources/Elbow/Elbow.swift"), encoding: .utf8)
    let modules = source.matches(of: #/@_exported import (\w+)/#).map { String($0.1) }
    let listed = try Self.contents().matches(of: #/<doc:(Elbow\w+)>/#).map { String($0.1) }
    #expect(Set(listed) == Set(modules))
    for module in modules {
      let page = Self.root.appendingPathComponent("Sources/Elbow/Elbow.docc/\(module).md")
      #expect(FileManager.default.fileExists(atPath: page.path), "\(module) has no page.")
    }
  }
}
