import ElbowProbability
import Foundation
import Testing

/// The table of docs/distributions.md against the distributions.
@Suite struct DistributionTableTests {
  private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/distributions.md")

  /// The cells of each row, by the name in the first.
  private static func rows() throws -> [String: [String: String]] {
    let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").map(String.init)
    func cells(_ line: String) -> [String] {
      line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let first = try #require(lines.firstIndex { $0.hasPrefix("| distribution |") })
    let titles = cells(lines[first])
    let table = lines[first...].dropFirst(2).prefix { $0.hasPrefix("|") }.map(cells)
    return Dictionary(
      uniqueKeysWithValues: table.map { row in
        (row[0].replacing("`", with: ""), Dictionary(uniqueKeysWithValues: zip(titles, row)))
      })
  }

  @Test func everyDistributionIsDescribedAsItIs() throws {
    let rows = try Self.rows()
    for constructor in DistributionConstructor.all {
      let type = constructor.typeName
      let row = try #require(rows[type], "\(type) has no row.")
      func expect(_ column: String, _ holds: Bool) {
        #expect(row[column]?.isEmpty == !holds, "\(type), column '\(column)': it is '\(row[column] ?? "")'.")
      }
      let known = constructor.quantities
      expect("cdf", known.contains(.cdf))
      expect("quantile", known.contains(.quantile))
      expect("moments", known.contains(.mean))
      expect("mode", known.contains(.mode))
      expect("entropy", known.contains(.entropy))
      #expect(row["moments"]?.contains("(c)") == known.contains(.covariance), "\(type): its covariance")
      #expect(
        (row["moments"] == "mean") == (known.contains(.mean) && !known.contains(.variance)), "\(type): its variance")
    }
  }
}
