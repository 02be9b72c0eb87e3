import ElbowArrays
import ElbowFuzz
import Foundation
import Synchronization
import TestFolders
import Testing

/// Random graphs of fixed seeds, in processes of the built `elbow-check`.
@Suite struct RandomGraphTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder("random-graphs") }

  /// Beside the test bundle, where SwiftPM puts all products.
  private static func executable() throws -> URL {
    let bundle = try #require(Bundle.main.executableURL)
    let places = [bundle.deletingLastPathComponent(), bundle.resolvingSymlinksInPath().deletingLastPathComponent()]
    return try #require(
      places.map { $0.appendingPathComponent("elbow-check") }.first {
        FileManager.default.isExecutableFile(atPath: $0.path)
      },
      "elbow-check is not beside the test bundle: build the package first")
  }

  /// Five blocks of consecutive setups, among them both compilers, both modes and all back ends.
  @Test func randomGraphsAreRight() throws {
    let supervisor = Supervisor(executable: try Self.executable(), arguments: ["fuzz", "--worker"])
    var campaign = Campaign(
      seed: 20, indices: 0..<5 * FuzzCase.blockSize, supervisor: supervisor, folder: folder.url)
    campaign.shrinks = false
    campaign.jobs = 2
    let lines = Mutex<[String]>([])
    let summary = try campaign.run { line in lines.withLock { $0.append(line) } }
    #expect(lines.withLock { $0 } == [])
    #expect(summary.passed == 5 * FuzzCase.blockSize)
  }
}
