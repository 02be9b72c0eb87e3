@testable import ElbowManifest
import Testing

@testable import ElbowRuntime

@Suite struct CPUFeaturesTests {
  @Test func readsWhatLinuxSaysOfX86() {
    let features = CPUFeatures.parse(
      cpuinfo: """
        processor\t: 0
        model name\t: Some CPU @ 2.00GHz
        flags\t\t: fpu sse2 pni sse4_1 sse4_2 fma avx2 bmi1 bmi2 f16c abm avx512f avx512vl avx512_bf16 avx_vnni
        vmx flags\t: vnmi
        """)
    let expected: Set<String> = [
      "x87", "sse2", "sse3", "sse4.1", "sse4.2", "crc32", "fma", "avx2", "bmi", "bmi2", "f16c", "lzcnt", "popcnt",
      "avx512f", "evex512", "avx512vl", "avx512bf16", "avxvnni",
    ]
    #expect(features == expected)
  }

  @Test func readsWhatLinuxSaysOfAArch64() {
    let features = CPUFeatures.parse(cpuinfo: "processor\t: 0\nFeatures\t: fp asimd asimddp atomics sve sve2 bf16\n")
    #expect(features == ["fp-armv8", "neon", "dotprod", "lse", "sve", "sve2", "bf16"])
  }

  @Test func keepsWhatAllCoresShare() {
    #expect(CPUFeatures.parse(cpuinfo: "flags : avx2 avx512f\nflags : avx2\nflags : avx2\n") == ["avx2"])
    #expect(CPUFeatures.parse(cpuinfo: "flags : avx2\nflags : sse2\n").isEmpty)
  }

  @Test(arguments: ["", "flags", "flags:", ":\n:::", "\u{0}flags : avx2"])
  func knowsNothingFromNothing(cpuinfo: String) {
    #expect(CPUFeatures.parse(cpuinfo: cpuinfo).isEmpty)
  }

  @Test func namesWhatIsMissingInOrder() {
    let known = Array(CPUFeatures.current.sorted().prefix(1))
    #expect(CPUFeatures.missing(from: known).isEmpty)
    // Where the CPU's features are not known, none is missing.
    let expected = known.isEmpty ? [] : ["avx1024", "avx2048"]
    #expect(CPUFeatures.missing(from: ["avx1024"] + known + ["avx2048"]) == expected)
  }
}
