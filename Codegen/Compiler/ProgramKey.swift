import ElbowArrays
import ElbowEmission
import ElbowGraph
import ElbowManifest
import ElbowSchedule
import ElbowToolchain
import Foundation

/// The key of a library before anything is emitted: the programs, and the program that would emit them.
package enum ProgramKey {
  static func key(_ programs: [Program], _ initializer: Program, _ compiler: ModelCompiler, _ builder: LibraryBuilder)
    -> String
  {
    var bytes = CanonicalBytes()
    bytes.add(programs + [initializer]) { bytes, program in
      bytes.add(program.name)
      bytes.add(program)
    }
    bytes.add(compiler.name)
    bytes.add(compiler.pipeline.passes.map(\.name) + compiler.scheduling.passes.map(\.name)) { $0.add($1) }
    bytes.add(compiler.specialization.sorted { $0.key < $1.key }) { bytes, fixed in
      bytes.add(fixed.key)
      bytes.add(fixed.value)
    }
    bytes.add(compiler.options.scheduling)
    bytes.add(compiler.options.emission)
    bytes.add(emitterIdentity)
    bytes.add(builder.identity) { $0.add($1) }
    return "program-" + bytes.digest
  }

  /// A hash of what a program computes, whatever it is called: the key of remembered measurements, and the mark of checkpoints.
  package static func fingerprint(_ program: Program) -> String {
    var bytes = CanonicalBytes()
    bytes.add(program)
    return bytes.digest
  }

  /// The running program: it contains the emitter, so if it is the same file, it would emit the same.
  private static let emitterIdentity: String = {
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return fileIdentity(path)
  }()
}

extension CanonicalBytes {
  fileprivate mutating func add(_ options: SchedulingOptions) {
    add(options.contractions.rawValue)
    add(options.tileRows) { $0.add($1) }
  }

  fileprivate mutating func add(_ options: EmissionOptions) {
    add(options.isProfiled)
    add(options.callsFunctions)
  }
}
