import Foundation

/// The abilities of the running CPU, under the names that clang and GCC give to features (`avx512f`, `neon`).
public enum CPUFeatures {
  /// The features of every core of this machine; empty where they are not known, and then nothing is checked.
  public static let current: Set<String> = {
    #if os(Linux)
      guard let data = FileManager.default.contents(atPath: "/proc/cpuinfo") else { return [] }
      return parse(cpuinfo: String(decoding: data, as: UTF8.self))
    #else
      return []
    #endif
  }()

  /// The CPU's own name; the architecture where it does not say.
  public static let model: String = {
    guard let data = FileManager.default.contents(atPath: "/proc/cpuinfo") else { return architecture }
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2, parts[0] == "model name", !parts[1].isEmpty { return parts[1] }
    }
    return architecture
  }()

  /// The architecture this program was compiled for, as `Manifest.Target.architecture` spells it.
  public static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "aarch64"
    #elseif arch(riscv64)
      "riscv64"
    #else
      "unknown"
    #endif
  }

  /// The features in `required` that the running CPU lacks, in order; none if its features are not known.
  public static func missing(from required: [String]) -> [String] {
    current.isEmpty ? [] : required.filter { !current.contains($0) }
  }

  /// The features that all processors in the text of `/proc/cpuinfo` share.
  static func parse(cpuinfo: String) -> Set<String> {
    // Machines have many processors and one or two distinct lines.
    var distinct = Set<Substring>()
    for line in cpuinfo.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let key = line[..<colon].trimmingCharacters(in: .whitespaces)
      if key == "flags" || key == "Features" { distinct.insert(line[line.index(after: colon)...]) }
    }
    var common: Set<String>?
    for line in distinct {
      let flags = Set(line.split(whereSeparator: \.isWhitespace).flatMap { compilerNames(of: String($0)) })
      common = common.map { $0.intersection(flags) } ?? flags
    }
    return common ?? []
  }

  /// The compilers' names for the feature that Linux calls `flag`: most often the same.
  private static func compilerNames(of flag: String) -> [String] {
    if let names = renamed[flag] { return names }
    return flag.hasPrefix("avx512_") ? ["avx512" + flag.dropFirst(7)] : [flag]
  }

  /// Flags of x86-64 and, below, of AArch64 whose names differ. The two sets have no flag in common that needs
  /// another name on each.
  private static let renamed: [String: [String]] = [
    "3dnowprefetch": ["prfchw"],
    "abm": ["lzcnt", "popcnt"],
    "amx_bf16": ["amx-bf16"],
    "amx_complex": ["amx-complex"],
    "amx_fp16": ["amx-fp16"],
    "amx_int8": ["amx-int8"],
    "amx_tile": ["amx-tile"],
    "avx512f": ["avx512f", "evex512"],
    "avx512ifma": ["avx512ifma"],
    "avx_ifma": ["avxifma"],
    "avx_ne_convert": ["avxneconvert"],
    "avx_vnni": ["avxvnni"],
    "avx_vnni_int16": ["avxvnniint16"],
    "avx_vnni_int8": ["avxvnniint8"],
    "bmi1": ["bmi"],
    "fpu": ["x87"],
    "lahf_lm": ["sahf"],
    "lm": ["64bit"],
    "pclmulqdq": ["pclmul"],
    "pni": ["sse3"],
    "rdrand": ["rdrnd"],
    "sha_ni": ["sha"],
    "sse4_1": ["sse4.1"],
    "sse4_2": ["sse4.2", "crc32"],
    "user_shstk": ["shstk"],

    "asimd": ["neon"],
    "asimddp": ["dotprod"],
    "asimdfhm": ["fp16fml"],
    "asimdhp": ["fullfp16"],
    "asimdrdm": ["rdm"],
    "atomics": ["lse"],
    "crc32": ["crc"],
    "fcma": ["complxnum"],
    "fp": ["fp-armv8"],
    "frint": ["fptoint"],
    "jscvt": ["jsconv"],
    "lrcpc": ["rcpc"],
    "paca": ["pauth"],
    "rng": ["rand"],
    "svebf16": ["bf16"],
    "svebitperm": ["sve2-bitperm"],
    "svef32mm": ["f32mm"],
    "svef64mm": ["f64mm"],
    "svei8mm": ["i8mm"],
  ]
}
