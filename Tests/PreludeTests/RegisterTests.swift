import ElbowArrays
import Foundation
import TestFolders
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

    struct Program: CustomTestStringConvertible {
      let name: String
      /// How many times a full tile fetches ahead with each step, at least.
      let fetches: Int
      /// Whether a tile has steps outside of its loop, for which masks take registers too.
      let hasRaggedSteps: Bool

      var testDescription: String { name }
    }

    static let programs = [
      Program(name: "registers.c", fetches: 2, hasRaggedSteps: false),
      Program(name: "dots.c", fetches: 1, hasRaggedSteps: true),
    ]

    @Test("Sums stay in registers", arguments: programs, tunings)
    func sums(program: Program, tuning: [String]) throws {
      let assembly = try Self.compile(Self.file(program.name), flags: tuning + ["-S"])
      #expect(!assembly.contains("memcpy"), "A part of a vector is read by a call.")
      let blocks = Self.blocks(assembly)
      let most = blocks.map(\.products).max() ?? 0
      #expect(most >= 12, "No inner loop of a product was found.")
      for block in blocks where block.products > 0 && (block.isLoop || !program.hasRaggedSteps) {
        #expect(
          block.spills == 0,
          "\(block.label) stores \(block.spills) vectors on the stack beside \(block.products) products.")
      }
      // Tiles of full height and some width send for what comes next while they work.
      let full = blocks.filter { $0.products > most * 2 / 3 && $0.isLoop }
      #expect(
        !full.isEmpty && full.allSatisfy { $0.fetches >= program.fetches }, "An inner loop fetches nothing ahead.")
    }

    /// Compilers are told to unroll no loop but those that ask for it.
    @Test("No loop over lanes is left", arguments: ["x86-64-v4", "x86-64-v3", "x86-64"])
    func lanes(processor: String) throws {
      let assembly = try Self.compile(
        Self.file("lanes.c"), flags: ["-march=\(processor)", "-fno-unroll-loops", "-S"])
      var (labels, jumps) = (Set<Substring>(), 0)
      for line in assembly.split(separator: "\n") {
        let words = line.split(whereSeparator: \.isWhitespace)
        if let first = words.first, first.hasSuffix(":") { labels.insert(first.dropLast()) }
        guard words.count == 2, words[0].hasPrefix("j") else { continue }
        jumps += 1
        #expect(!labels.contains(words[1]), "\(words[1]) is jumped back to.")
      }
      #expect(jumps > 0, "Not even the store of some lanes jumps: the test does not read what clang writes.")
    }

    /// The last columns of a product are read in its inner loop.
    @Test("Parts of vectors are read without a call", arguments: ["x86-64-v4", "x86-64-v3", "x86-64"])
    func parts(processor: String) throws {
      let reads = ["f32", "f64", "i32", "u32", "i64", "u8"].map {
        "void read_\($0)(const void *p, long count, el_\($0) *to) { *to = el_load_n_\($0)(p, count); }"
      }
      let assembly = try Self.compile(
        "#include \"elbow_vector.h\"\n" + reads.joined(separator: "\n"), flags: ["-march=\(processor)", "-S"])
      #expect(assembly.contains("read_u8:") && !assembly.contains("memcpy"))
    }

    /// The code that clang hands to its optimiser is read, for no function that is not called outlives that.
    @Test("A file compiles those widths of product that it uses, and no others")
    func widths() throws {
      let code = try Self.compile(
        """
        #include "elbow_contraction.h"
        void product(long batch, const float *a, const float *b, float *c) {
          el_contract_f32(batch, 80, 300, a, 300, 1, b, 80, c, 80, 0, NULL, NULL, 0);
        }
        """, flags: ["-march=x86-64-v4", "-Xclang", "-disable-llvm-passes", "-S", "-emit-llvm"])
      let functions = code.split(separator: "\n").filter { $0.hasPrefix("define") }
        .compactMap { $0.split(separator: "@").dropFirst().first?.prefix { $0 != "(" } }
      #expect(functions.filter { $0.contains("_panel_") || $0.contains("_edge_") } == ["el_contract_panel_f32_5"])
    }

    private static func file(_ name: String) -> URL { PreludeTests.directory.appendingPathComponent(name) }

    private static func compile(_ code: String, flags: [String]) throws -> String {
      try withTemporaryFolder { folder in
        let source = folder.appendingPathComponent("code.c")
        try code.write(to: source, atomically: true, encoding: .utf8)
        return try compile(source, flags: flags)
      }
    }

    /// Clang's output for a file.
    private static func compile(_ source: URL, flags: [String]) throws -> String {
      let compiler = try #require(RunningProcess.find("clang"), "There is no clang on the search path.")
      return try withTemporaryFolder { folder in
        let file = folder.appendingPathComponent("output")
        let built = try RunningProcess(
          compiler,
          PreludeTests.flags + ["-fno-math-errno", "-fno-trapping-math"] + flags + [source.path, "-o", file.path]
        ).finish()
        try #require(built.status == 0, "clang does not compile \(source.lastPathComponent):\n\(built.output)")
        return try String(contentsOf: file, encoding: .utf8)
      }
    }

    private struct Block {
      let label: Substring
      var products = 0
      var spills = 0
      var fetches = 0
      /// Whether it ends with a jump to its own beginning.
      var isLoop = false
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
          if line.contains("prefetch") { blocks[last].fetches += 1 }
          let words = line.split(whereSeparator: \.isWhitespace)
          if words.first?.hasPrefix("j") == true, words.last == blocks[last].label { blocks[last].isLoop = true }
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
