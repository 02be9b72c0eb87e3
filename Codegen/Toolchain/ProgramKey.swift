import ElbowArrays
import ElbowGraph
import ElbowManifest
import Foundation

/// What a library can be found by before anything is emitted: the programs, and the program that would emit them.
package enum ProgramKey {
  static func key(_ programs: [Program], _ initializer: Program, _ compiler: ModelCompiler, _ builder: LibraryBuilder)
    -> String
  {
    var hasher = FNV1a128()
    for program in programs + [initializer] { add(program, &hasher) }
    hasher.add(compiler.name)
    hasher.add(compiler.pipeline.passes.map(\.name).joined(separator: ","))
    for (symbol, extent) in compiler.specialization.sorted(by: { $0.key < $1.key }) {
      hasher.add("\(symbol)=\(extent)")
    }
    hasher.add("\(compiler.options.emission)")
    hasher.add(emitterIdentity)
    hasher.add(builder.identity)
    return "program-" + hasher.digits
  }

  /// What a program computes, whatever it is called: what measurements are remembered by.
  package static func fingerprint(_ program: Program) -> String {
    var hasher = FNV1a128()
    addContents(program, &hasher)
    return hasher.digits
  }

  private static func add(_ program: Program, _ hasher: inout FNV1a128) {
    hasher.add(program.name)
    addContents(program, &hasher)
  }

  private static func addContents(_ program: Program, _ hasher: inout FNV1a128) {
    for node in program.nodes {
      hasher.add("\(type(of: node.primitive).name) \(node.inputs) \(node.type)")
      for (name, value) in node.primitive.attributes.sorted(by: { $0.key < $1.key }) {
        if case .array(let array) = value {
          hasher.add("\(name) \(array.dtype) \(array.shape)")
          hasher.add(array.bytes)
        } else {
          hasher.add("\(name) \(value)")
        }
      }
    }
    for input in program.inputs { hasher.add("\(input.name) \(input.type) \(input.defaultValue?.doubles ?? [])") }
    for output in program.outputs { hasher.add("\(output.name) \(output.node)") }
    for update in program.updates { hasher.add("\(update.variable) \(update.node)") }
    for variable in program.variables {
      hasher.add("\(variable.name) \(variable.type) \(variable.role) \(variable.group)")
    }
  }

  /// The running program: it contains the emitter, so if it is the same file, it would emit the same.
  private static let emitterIdentity: String = {
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return fileIdentity(path)
  }()
}

/// What tells a file from another one without reading it.
func fileIdentity(_ path: String) -> String {
  var status = stat()
  guard stat(path, &status) == 0 else { return path }
  return "\(path) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
}

/// Two running FNV-1a sums with different beginnings, as good as 128 bits against accidents.
struct FNV1a128 {
  private var first: UInt64 = 0xcbf2_9ce4_8422_2325
  private var second: UInt64 = 0x6c62_272e_07bb_0142

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      first = (first ^ UInt64(byte)) &* 0x100_0000_01b3
      second = (second &* 0x100_0000_01b3) ^ UInt64(byte)
    }
    first = (first ^ 0xff) &* 0x100_0000_01b3
    second = (second &* 0x100_0000_01b3) ^ 0xff
  }
  mutating func add(_ text: String) { add(text.utf8) }

  var digits: String { hexadecimal(first) + hexadecimal(second) }
}
