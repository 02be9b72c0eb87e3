import ElbowEmission
import ElbowManifest
import ElbowSchedule
import Foundation

/// How C becomes a library.
public struct BuildOptions: Sendable {
  /// The compiler's name or path; nil for `$CC` or what is found.
  public var compiler: String?
  /// The machine that the code is compiled for.
  public var target: Target
  /// The argument of `-march`; nil for what the target says.
  public var architecture: String?
  /// How much the compiler optimises, 0 to 3.
  public var optimization: Int
  /// Flags after all others.
  public var extraFlags: [String]
  /// The code that multiplies matrices.
  public var contractions: ContractionBackend
  /// The rows of a tile of the batch; nil for what fits the caches, or what was measured. It does not show in results.
  public var tileRows: Int?
  /// Whether the library adds up how long each kernel takes, for `graphc explain --measure`; for one thread only.
  public var isProfiled: Bool
  /// Whether what 'graphc tune' measured on a CPU like this one is used for what is left open here. Where that
  /// chooses another way to multiply, results differ in their last bits from those of another machine.
  public var usesTuning: Bool

  /// Options as given; by default, code for this machine's CPU with full optimisation.
  ///
  /// - Parameters:
  ///   - compiler: The compiler's name or path; nil for `$CC` or what is found.
  ///   - target: The machine that the code is compiled for.
  ///   - architecture: The argument of `-march`; nil for what the target says.
  ///   - optimization: How much the compiler optimises, 0 to 3.
  ///   - extraFlags: Flags after all others.
  ///   - contractions: The code that multiplies matrices.
  ///   - tileRows: The rows of a tile of the batch; nil for what fits the caches, or what was measured.
  ///   - isProfiled: Whether the library adds up how long each kernel takes.
  ///   - usesTuning: Whether what `graphc tune` measured is used for what is left open here.
  public init(
    compiler: String? = nil, target: Target = .native, architecture: String? = nil, optimization: Int = 3,
    extraFlags: [String] = [], contractions: ContractionBackend = .emitted, tileRows: Int? = nil,
    isProfiled: Bool = false, usesTuning: Bool = true
  ) {
    self.compiler = compiler
    self.target = target
    self.architecture = architecture
    self.optimization = optimization
    self.extraFlags = extraFlags
    self.contractions = contractions
    self.tileRows = tileRows
    self.isProfiled = isProfiled
    self.usesTuning = usesTuning
  }

  /// The part of this that decides about schedules.
  package var scheduling: SchedulingOptions { SchedulingOptions(contractions: contractions, tileRows: tileRows) }

  /// The part of this that decides about the C of a schedule.
  package var emission: EmissionOptions {
    EmissionOptions(isProfiled: isProfiled, includesBLAS: contractions == .openBLAS, callsFunctions: callsFunctions)
  }

  /// Whether functions of the headers are called, not inlined: where little is optimised.
  private var callsFunctions: Bool { optimization < 2 }

  /// The flags that choose the processor.
  public var machineFlags: [String] { architecture.map { ["-march=\($0)"] } ?? target.machineFlags }

  /// The flags for C that becomes part of a program.
  ///
  /// No flag changes what is computed; `-ffp-contract=off` keeps compilers from making one operation of a product and a sum, as the
  /// headers do. Loops that gain by being unrolled say so themselves (`EL_UNROLL`); compilers that unroll others take half as long
  /// again. Where little is optimised, time to compile matters more than the code's: functions are called.
  public var programFlags: [String] {
    target.dialectFlags + ["-O\(optimization)"] + machineFlags
      + ["-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fno-unroll-loops", "-Wno-psabi"]
      + (target.hasThreads ? [] : ["-DELBOW_NO_THREADS"]) + (callsFunctions ? ["-DELBOW_SMALL"] : [])
  }

  /// The flags for C that becomes a library.
  var libraryFlags: [String] {
    programFlags + ["-fvisibility=hidden"] + (target.isWebAssembly ? [] : ["-fPIC"]) + ["-DELBOW_SHARED_LIBRARY"]
  }

  var compileFlags: [String] { libraryFlags + ["-Wall", "-Wextra"] + extraFlags }

  /// The libraries that the code is linked with.
  var systemLibraries: [String] { (contractions == .openBLAS ? ["-lopenblas"] : []) + target.systemLibraries }

  var linkFlags: [String] { target.libraryFlags + systemLibraries }

  /// The needs of the code as the manifest states them: nothing where `-march` is given, whose features are not known.
  public var manifestTarget: Manifest.Target {
    Manifest.Target(
      architecture: target.architecture, features: architecture == nil ? target.features : [],
      lanes: architecture == nil || target == .generic ? target.lanes : 4)
  }
}
