import ElbowArrays
import Foundation
import Testing

#if arch(x86_64)
  /// The inner loops of products fill all registers. A compiler that takes several steps of one at a time moves sums to the stack
  /// and back, as clang does when it tunes for some processors, and the product takes up to half as long again.
  @Suite("Inner loops of products")
  struct RegisterTests {
    static let tunings = [
      ["-march=x86-64-v4", "-mtune=znver3"], ["-march=x86-64-v4", "-mtune=skylake-avx512"],
      ["-march=x86-64-v3", "-mtune=znver3"], ["-march=x86-64-v3", "-mtune=haswell"],
    ]

    @Test("Sums stay in registers", arguments: tunings)
    func sums(tuning: [String]) throws {
      let compiler = try #require(RunningProcess.find("clang"), "There is no clang on the search path.")
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-\(UUID().uuidString).s")
      defer { try? FileManager.default.removeItem(at: file) }
      let source = PreludeTests.directory.appendingPathComponent("registers.c")
      let built = try RunningProcess(
        compiler,
        PreludeTests.flags + ["-fno-math-errno", "-fno-trapping-math"] + tuning + ["-S", source.path, "-o", file.path]
      ).finish()
      try #require(built.status == 0, "clang does not compile registers.c:\n\(built.output)")
      let blocks = Self.blocks(try String(contentsOf: file, encoding: .utf8))
      #expect(blocks.map(\.products).max() ?? 0 >= 12, "No inner loop of a product was found.")
      for block in blocks where block.products > 0 {
        #expect(
          block.spills == 0,
          "\(block.label) stores \(block.spills) vectors on the stack beside \(block.products) products.")
      }
    }

    private struct Block {
      let label: Substring
      var products = 0
      var spills = 0
    }

    /// The code between one label and the next: how many vectors it multiplies and adds, how many it stores on the stack.
    private static func blocks(_ assembly: String) -> [Block] {
      var blocks: [Block] = []
      for line in assembly.split(separator: "\n") {
        if line.first != "\t", line.first != " ", line.contains(":") {
          blocks.append(Block(label: line.prefix { $0 != ":" }))
        } else if !blocks.isEmpty {
          let last = blocks.count - 1
          if line.contains("vfmadd") { blocks[last].products += 1 }
          if isSpill(line) { blocks[last].spills += 1 }
        }
      }
      return blocks
    }

    /// `vmovups %zmm16, 960(%rsp)`, and the like.
    private static func isSpill(_ line: Substring) -> Bool {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count >= 3, words[0].hasPrefix("vmov") else { return false }
      return (words[1].hasPrefix("%zmm") || words[1].hasPrefix("%ymm")) && words[2].hasSuffix("(%rsp)")
    }
  }
#endif
