import ElbowManifest
import Foundation

/// What multiplies matrices in compiled code.
public enum ContractionBackend: String, Sendable, CaseIterable {
  /// A kernel emitted for the sizes at hand; the library needs libc and libm alone. The default, for it measures faster.
  case emitted
  /// OpenBLAS. Set `OPENBLAS_NUM_THREADS=1` in the environment: the model's own threads call it side by side.
  case openBLAS
}

/// How C becomes a library.
public struct BuildOptions: Sendable {
  /// The compiler's name or path; nil for `$CC` or what is found.
  public var compiler: String?
  /// What `-march` is given.
  public var architecture: String
  /// How much the compiler optimises, 0 to 3.
  public var optimization: Int
  /// Flags after all others.
  public var extraFlags: [String]
  /// What multiplies matrices.
  public var contractions: ContractionBackend

  public init(
    compiler: String? = nil, architecture: String = "native", optimization: Int = 3, extraFlags: [String] = [],
    contractions: ContractionBackend = .emitted
  ) {
    self.compiler = compiler
    self.architecture = architecture
    self.optimization = optimization
    self.extraFlags = extraFlags
    self.contractions = contractions
  }

  /// No flag changes what is computed but `-ffp-contract=fast`, which lets products and sums become one operation.
  var compileFlags: [String] {
    [
      "-std=gnu11", "-O\(optimization)", "-march=\(architecture)", "-ffp-contract=fast", "-fno-math-errno",
      "-fno-trapping-math", "-fvisibility=hidden", "-fPIC", "-Wall", "-Wextra", "-Wno-psabi", "-DELBOW_SHARED_LIBRARY",
    ] + extraFlags
  }

  var linkFlags: [String] { ["-shared"] + (contractions == .openBLAS ? ["-lopenblas"] : []) + ["-lm", "-lpthread"] }

  /// What the code relies on: on this machine, what this machine has of the instructions that compilers use by themselves.
  var target: Manifest.Target {
    let known = ["avx", "avx2", "fma", "bmi", "bmi2", "f16c", "sse4.2", "avx512f", "avx512bw", "avx512dq", "avx512vl"]
    let features = architecture == "native" ? known.filter { CPUFeatures.current.contains($0) } : []
    let lanes = features.contains("avx512f") ? 16 : features.contains("avx") ? 8 : 4
    return Manifest.Target(architecture: CPUFeatures.architecture, features: features.sorted(), lanes: lanes)
  }
}
