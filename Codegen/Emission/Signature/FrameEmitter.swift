import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes the structure of pointers and numbers that all kernels of a signature get, and the arrays of constants.
struct FrameEmitter {
  private let scope: SignatureScope
  private let schedule: Schedule
  private let context: KernelContext

  init(_ scope: SignatureScope) { (self.scope, schedule, context) = (scope, scope.schedule, scope.context) }

  func constants() -> [CDeclaration] {
    schedule.buffers.enumerated().compactMap { index, buffer in
      guard buffer.storage == .constant, let constant = schedule.program.nodes[buffer.node].primitive as? Constant
      else {
        return nil
      }
      return .constantArray(
        type: buffer.dtype.cType, name: context.names[index], values: CLiterals.values(constant.value))
    }
  }

  func structure() -> CDeclaration {
    var fields: [(CType, String)] = [(.char.pointer, "state")]
    let kernels = schedule.stages.flatMap(\.tasks).flatMap(\.kernels).map { schedule.kernels[$0] }
    let written = kernels.reduce(into: Set<Int>()) { $0.formUnion($1.writes) }
    let used = kernels.reduce(into: written) { $0.formUnion($1.reads) }
    for (index, buffer) in schedule.buffers.enumerated() {
      switch buffer.storage {
      case .variable, .constant: continue
      case .arena, .tile, .slices: if !used.contains(index) { continue }
      default: break
      }
      fields.append((context.pointerType(index, isWritten: written.contains(index)), context.fields[index]))
    }
    for symbol in scope.symbols + schedule.slices.flatMap({ $0.count.symbols }) {
      fields.append((.long, Naming.symbol(symbol)))
    }
    if !schedule.slices.isEmpty { fields += [(.long, "slice"), (.long, "slice_first")] }
    fields += [(.uint32, "key0"), (.uint32, "key1"), (.uint32, "counter0"), (.uint32, "counter1")]
    fields += [(CType.char.pointer, "tiles"), (.size, "tile_byte_count"), (.team.pointer, "team")]
    if schedule.memory.workspaceByteCount > 0 { fields.append((.void.pointer, "workspace")) }
    fields += scope.loops.map { ($0.body.scope.context.frameType, $0.field) }
    return .structure(context.frameType, fields: fields.map { (type: $0.0, name: $0.1) })
  }
}
