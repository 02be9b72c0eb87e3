@testable import ElbowToolchain
import Foundation
import Testing

@testable import ElbowCodegen

/// Headers that are read once for all files of a model.
@Suite struct PrecompiledPreludeTests {
  @Test(arguments: ["clang", "gcc"]) func isWhatTheCompilerReads(_ compiler: String) throws {
    let builder = try LibraryBuilder(BuildOptions(compiler: compiler))
    let prelude = PrecompiledPrelude(builder)
    defer { prelude.remove() }
    let flags = prelude.flags()
    let header = try #require(flags.last)
    let source = header + ".c"
    try Data("el_f32 twice(el_f32 x) { return el_exp_f32(x) + x; }\n".utf8).write(to: URL(fileURLWithPath: source))
    let result = try CCompiler.run(
      builder.compiler.url, builder.compileFlags + flags + ["-H", "-c", source, "-o", source + ".o"])
    #expect(result.status == 0, "\(result.output)")
    #expect(!result.output.contains("immintrin.h"), "\(result.output)")
  }

  @Test func leavesNothing() throws {
    let prelude = PrecompiledPrelude(try LibraryBuilder())
    let header = try #require(prelude.flags().last)
    #expect(FileManager.default.fileExists(atPath: header + ".gch"))
    prelude.remove()
    #expect(!FileManager.default.fileExists(atPath: URL(fileURLWithPath: header).deletingLastPathComponent().path))
  }

  /// A large model has one at once, small ones from the third on.
  @Test func isSharedByLaterModels() throws {
    func shared(_ flag: String, _ nodeCount: Int) throws -> PrecompiledPrelude? {
      PrecompiledPrelude.shared(try LibraryBuilder(BuildOptions(extraFlags: [flag])), nodeCount: nodeCount)
    }
    let large = try #require(try shared("-DEL_TEST_LARGE", 400))
    #expect(try shared("-DEL_TEST_LARGE", 1) === large && !large.flags().isEmpty)
    #expect(try shared("-DEL_TEST_SMALL", 1) == nil && shared("-DEL_TEST_SMALL", 1) == nil)
    let small = try #require(try shared("-DEL_TEST_SMALL", 1))
    #expect(try small !== large && shared("-DEL_TEST_SMALL", 1) === small)
    // Its files may be gone, as where a temporary folder is swept.
    small.remove()
    #expect(small.flags().isEmpty)
  }

  @Test func doesNotMatterIfItFails() throws {
    let prelude = PrecompiledPrelude(try LibraryBuilder(BuildOptions(extraFlags: ["-Dlong="])))
    defer { prelude.remove() }
    #expect(prelude.flags() == [])
  }
}
