import Elbow
import Foundation
import Testing

@testable import graphc

/// `graphc new`.
@Suite(.serialized) struct NewTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  @Test func writesAPackage() throws {
    let written = try graphc("new", "my-model", "--json")
    #expect(written.status == 0, "\(written.errors)")
    #expect(
      try written.json["files"] as? [String]
        == ["Package.swift", "Sources/my-model/main.swift", "README.md", ".gitignore"])
    let elbow = try #require(try written.json["elbow"] as? String)
    #expect(FileManager.default.fileExists(atPath: elbow + "/Package.swift"))
    let manifest = String(decoding: try graphc.contents("my-model/Package.swift"), as: UTF8.self)
    #expect(manifest.contains(".package(path: \"\(elbow)\")"))
    let again = try graphc("new", "my-model")
    #expect(again.status == 1)
    #expect(again.errors == "error: There is a file or folder 'my-model' already; choose another name, or remove it.\n")
  }

  @Test func takesAnAddress() throws {
    let template = try PackageTemplate(name: "vae", elbow: "https://example.org/some/Elbow.git")
    let manifest = template.files[0].text
    #expect(manifest.contains(".package(url: \"https://example.org/some/Elbow.git\", branch: \"main\")"))
    #expect(manifest.contains(".product(name: \"Elbow\", package: \"Elbow\")"))
    let hostile = try PackageTemplate(name: "vae", elbow: "https://x/\"\\(1)")
    #expect(hostile.files[0].text.contains("url: \"https://x/\\\"\\\\(1)\""))
    #expect(throws: (any Error).self) { try PackageTemplate(name: "vae", elbow: "https://x/\n") }
    #expect(throws: (any Error).self) { try PackageTemplate(name: "vae", elbow: "/no/such/folder") }
  }

  @Test(arguments: ["3x", "", "a b", "../x", "a/b", "x\"", "Elbow", "swift", "Main", "ElbowThing", "\u{e9}tude"])
  func refusesNames(name: String) {
    #expect(throws: (any Error).self) { try PackageTemplate(name: name, elbow: "https://example.org/Elbow") }
  }

  /// The model of the package compiles against the modules that were built with this test.
  @Test func theModelCompiles() throws {
    let bundle = try #require(Bundle.main.executableURL).resolvingSymlinksInPath().deletingLastPathComponent()
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources").path
    let modules = [
      "\(bundle.path)/Modules", "\(bundle.path)/CElbowABI.build", "\(sources)/CExecinfo", "\(sources)/CPNG",
      "\(sources)/CZlib", "\(bundle.path)/../../checkouts/swift-numerics/Sources/_NumericsShims/include",
    ]
    try Data(PackageTemplate.program.utf8).write(to: graphc.folder.file("main.swift"))
    let arguments =
      ["swiftc", "-typecheck", "-swift-version", "6"] + modules.flatMap { ["-I", $0] } + [graphc.path("main.swift")]
    let checked = try RunningProcess(URL(fileURLWithPath: "/usr/bin/env"), arguments).finish()
    #expect(checked.status == 0, "\(checked.output)")
  }
}
