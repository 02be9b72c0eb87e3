import Foundation
import Testing

/// The tables of docs/layers.md against the layers.
@Suite struct LayerTableTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func everyLayerHasARow() throws {
    let folder = Self.root.appendingPathComponent("Sources/ElbowNetworks/Layers")
    var layers: [String] = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where path.hasSuffix(".swift") {
      let source = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      layers += source.matches(of: #/public final class (\w+): \w*Layer\b/#).map { String($0.1) }
    }
    #expect(layers.count > 30 && layers.contains("Dense") && layers.contains("Conv3D"))
    let page = try String(contentsOf: Self.root.appendingPathComponent("docs/layers.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    for layer in layers {
      let isNamed = rows.contains { row in
        row.split(separator: "|").first?.matches(of: #/`(\w+)/#).contains { $0.1 == layer } == true
      }
      #expect(isNamed, "\(layer) has no row in docs/layers.md.")
    }
  }
}
