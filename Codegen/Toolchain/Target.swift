import ElbowManifest

/// A machine that emitted C is compiled for: a kind of processor, and what C has there.
///
/// The C is the same for all of them, for it takes what the compiler's flags allow. A target is the flags, what the manifest
/// says, and where a compiler comes from.
public struct Target: Sendable, Hashable {
  /// The name that `--target` takes.
  public let name: String
  /// The processor's architecture as a manifest spells it, `x86_64`; `any` where the compiler decides.
  public let architecture: String
  /// The CPU features that the code may use, by the names of `CPUFeatures`.
  let features: [String]
  /// How many float32 a vector holds; 1 where the compiler decides.
  let lanes: Int
  /// The compiler's flags for the processor.
  let machineFlags: [String]
  /// The argument of clang's `--target`, where the architecture is not this machine's.
  public let triple: String?
  /// GCC's command where the architecture is not this machine's.
  let crossCompiler: String?
  /// Debian's packages that bring a compiler where this machine's own will not do.
  let packages: [String]
  /// Whether there are threads.
  public let hasThreads: Bool

  private init(
    _ name: String, architecture: String, features: [String], lanes: Int, flags: [String], triple: String? = nil,
    crossCompiler: String? = nil, packages: [String] = [], hasThreads: Bool = true
  ) {
    self.name = name
    self.architecture = architecture
    self.features = features
    self.lanes = lanes
    machineFlags = flags
    self.triple = triple
    self.crossCompiler = crossCompiler
    self.packages = packages
    self.hasThreads = hasThreads
  }

  /// A target with GNU/Linux, whose compilers are named alike for all architectures.
  private init(
    _ name: String, linux architecture: String, debian: String, features: [String], lanes: Int, flags: [String] = []
  ) {
    let triple = "\(architecture)-linux-gnu"
    let command = triple.replacing("_", with: "-")
    self.init(
      name, architecture: architecture, features: features, lanes: lanes, flags: flags, triple: triple,
      crossCompiler: "\(triple)-gcc", packages: ["gcc-\(command)", "libc6-dev-\(debian)-cross"])
  }

  /// This machine, with all that its CPU can do.
  public static let native: Target = {
    // Of what the machine has, the instructions that compilers use by themselves.
    let known = ["avx", "avx2", "fma", "bmi", "bmi2", "f16c", "sse4.2", "avx512f", "avx512bw", "avx512dq", "avx512vl"]
    let features = known.filter { CPUFeatures.current.contains($0) }.sorted()
    let lanes = features.contains("avx512f") ? 16 : features.contains("avx") ? 8 : 4
    return Target(
      "native", architecture: CPUFeatures.architecture, features: features, lanes: lanes, flags: ["-march=native"])
  }()

  private static let level3 = [
    "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "popcnt", "sse4.1", "sse4.2", "ssse3",
  ]
  /// x86-64 with AVX2, as the psABI's third level has it: most servers and desktops since 2013.
  public static let x86v3 = Target(
    "x86-64-v3", linux: "x86_64", debian: "amd64", features: level3, lanes: 8, flags: ["-march=x86-64-v3"])
  /// x86-64 with AVX-512, the psABI's fourth level.
  public static let x86v4 = Target(
    "x86-64-v4", linux: "x86_64", debian: "amd64",
    features: (level3 + ["avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"]).sorted(), lanes: 16,
    flags: ["-march=x86-64-v4"])
  /// 64-bit ARM with NEON, which all have.
  public static let aarch64 = Target("aarch64", linux: "aarch64", debian: "arm64", features: ["neon"], lanes: 4)
  /// 64-bit RISC-V, without its vectors.
  public static let riscv64 = Target("riscv64", linux: "riscv64", debian: "riscv64", features: [], lanes: 4)
  /// WebAssembly with vectors of 128 bits, on one thread, upon WASI's C library.
  public static let wasm32 = Target(
    "wasm32", architecture: "wasm32", features: ["simd128"], lanes: 4, flags: ["-msimd128"], triple: "wasm32-wasi",
    packages: ["clang", "lld", "wasi-libc", "libclang-rt-dev-wasm32"], hasThreads: false)
  /// Any CPU, as C11 with the GNU vector types of gcc and clang.
  public static let generic = Target("generic", architecture: "any", features: [], lanes: 1, flags: [])

  /// All there are.
  public static let all = [native, x86v3, x86v4, aarch64, riscv64, wasm32, generic]

  /// The target of that name, if there is one.
  public static func named(_ name: String) -> Target? { all.first { $0.name == name } }

  /// Whether this machine's own compiler makes code for it.
  public var isOfThisArchitecture: Bool { triple == nil || architecture == CPUFeatures.architecture }

  /// Whether this machine's processor has what the code uses.
  public var isRunnableHere: Bool { isOfThisArchitecture && features.allSatisfy(CPUFeatures.current.contains) }

  var isWebAssembly: Bool { architecture == "wasm32" }

  /// The dialect of C: GNU's, or for any compiler the standard's, with what POSIX adds to the library.
  var dialectFlags: [String] { self == .generic ? ["-std=c11", "-D_DEFAULT_SOURCE"] : ["-std=gnu11"] }

  /// The flags that make a library of object files.
  var libraryFlags: [String] {
    // WebAssembly's loaders want a module that does not begin with `main`; a caller allocates arrays in its memory.
    isWebAssembly
      ? ["-mexec-model=reactor", "-Wl,--export-dynamic,--export=malloc,--export=free"]
      : ["-shared"]
  }

  /// The libraries that a program or library of the code is linked with.
  var systemLibraries: [String] { hasThreads ? ["-lm", "-lpthread"] : ["-lm"] }
}
