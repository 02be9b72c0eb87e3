import Elbow
import Foundation
import TestFolders
import Testing

/// What is shipped besides the program: the manual page, and a package for machines without Swift.
@Suite(.serialized) struct ReleaseTests {
  private let graphc: Graphc

  init() throws { graphc = try Graphc() }

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func script(_ name: String, _ arguments: String...) throws -> (status: Int32, output: String) {
    try RunningProcess(Self.root.appendingPathComponent("Scripts/\(name)"), arguments).finish()
  }

  @Test(.enabled(if: RunningProcess.find("jq") != nil, "Scripts/manual needs jq")) func theManualPageIsCurrent() throws
  {
    let printed = try script("manual", "--print", Graphc.executable().path)
    #expect(printed.status == 0, "\(printed.output)")
    let page = try String(contentsOf: Self.root.appendingPathComponent("docs/graphc.1"), encoding: .utf8)
    #expect(printed.output == page, "run Scripts/manual")
    #expect(page.contains("\n.Ss latent-grid\n") && page.contains("\n.It Fl -output , Fl o Ar file\n"))
  }

  /// The data are found, and everything else, wherever the package lies and whatever link leads to the program.
  @Test func aPackageRunsAnywhere() throws {
    let packed = try script("package-release", "--program", Graphc.executable().path, graphc.path("packages"))
    #expect(packed.status == 0, "\(packed.output)")
    let archive = try #require(packed.output.split(separator: "\n").last.map(String.init))
    #expect(archive.hasPrefix(graphc.path("packages/graphc-\(ElbowVersion.current)-linux-")))
    let place = graphc.folder.file("place")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let tar = URL(fileURLWithPath: "/usr/bin/env")
    let unpacked = try RunningProcess(tar, ["tar", "-C", place.path, "--strip-components=1", "-xzf", archive]).finish()
    #expect(unpacked.status == 0, "\(unpacked.output)")
    for file in [
      "share/man/man1/graphc.1", "share/doc/graphc/LICENSE", "share/bash-completion/completions/graphc",
      "share/zsh/site-functions/_graphc", "share/fish/vendor_completions.d/graphc.fish",
    ] {
      let size = try Data(contentsOf: place.appendingPathComponent(file)).count
      #expect(size > 500, "\(file)")
    }
    let link = graphc.folder.file("graphc")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: place.appendingPathComponent("bin/graphc"))
    func run(_ arguments: String...) throws -> (status: Int32, output: String) {
      try RunningProcess(link, arguments).finish()
    }
    #expect(try run("doctor").output.contains("C compiler"))
    #expect(try run("build", "cs20-regression", "-o", graphc.path("model.so")).status == 0)
    // Bundled data.
    let trained = try run("train", "cs20-regression", "--epochs", "1", "--output", graphc.path("run"))
    #expect(trained.status == 0, "\(trained.output)")
  }

  @Test(arguments: [["--program", "/no/such/program"], ["--program"], ["--help"], ["a", "b"]])
  func argumentsOfPackages(_ arguments: [String]) throws {
    let packed = try RunningProcess(Self.root.appendingPathComponent("Scripts/package-release"), arguments).finish()
    #expect(packed.status != 0 && !packed.output.isEmpty)
  }
}
