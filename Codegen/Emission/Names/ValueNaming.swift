import ElbowGraph
import ElbowSchedule

/// Identifiers for buffers and kernels, after the names of their values.
struct ValueNaming {
  /// The identifier of each buffer, after the last of the values that it holds.
  let fields: [String]
  /// The identifiers of kernels' functions behind the signature's, by kernel.
  private(set) var functions: [Int: String] = [:]
  /// The identifiers of buffers while they hold other values.
  private var others: [Int: [Int: String]] = [:]

  init(_ schedule: Schedule, signature: String) {
    let program = schedule.program
    let loops = schedule.kernels.indices.map(KernelContext.loopField)
    var naming = Naming(reserved: ValueNaming.ownFields.union(loops))
    func name(_ node: Int, isParts: Bool) -> String {
      (schedule.names[node] ?? type(of: program.nodes[node].primitive).name) + (isParts ? "_parts" : "")
    }
    // Of buffers that are no longer used none takes a name.
    let used = schedule.stages.flatMap(\.tasks).flatMap(\.kernels).reduce(into: Set<Int>()) { used, kernel in
      used.formUnion(schedule.kernels[kernel].reads.union(schedule.kernels[kernel].writes))
    }
    fields = schedule.buffers.enumerated().map { index, buffer in
      switch buffer.storage {
      case .input(let position): naming.local(for: program.inputs[position].name, default: "input")
      case .output(let position): naming.identifier(for: "out_" + program.outputs[position].name)
      case .variable(let variable):
        naming.local(
          for: (buffer.isOldValue(in: program) ? "" : "new_") + program.variables[variable].name, default: "variable")
      case .constant: "\(signature)__constant_\(buffer.node)"
      case .arena, .tile, .slices:
        used.contains(index)
          ? naming.local(for: name(buffer.node, isParts: buffer.storage == .slices)) : "unused_\(index)"
      }
    }
    for kernel in schedule.kernels {
      for (buffer, node) in kernel.values.sorted(by: { $0.key < $1.key })
      where node != schedule.buffers[buffer].node && others[buffer]?[node] == nil {
        switch schedule.buffers[buffer].storage {
        case .arena, .tile: others[buffer, default: [:]][node] = naming.local(for: name(node, isParts: false))
        default: break
        }
      }
    }
    nameFunctions(schedule)
  }

  /// The identifier of a buffer while it holds a node's value.
  func name(of buffer: Int, holding node: Int) -> String { others[buffer]?[node] ?? fields[buffer] }

  private mutating func nameFunctions(_ schedule: Schedule) {
    var naming = Naming(reserved: ValueNaming.ownFunctions)
    for index in schedule.stages.flatMap(\.tasks).flatMap(\.kernels) {
      functions[index] = naming.function(for: schedule.resultName(index))
    }
  }

  /// Fields of a frame that are not buffers.
  private static let ownFields: Set = [
    "state", "workspace", "key0", "key1", "counter0", "counter1", "stream", "width",
  ]
  /// Functions of a signature that are not kernels.
  private static let ownFunctions: Set = [
    "run", "check", "shape", "stages", "frame", "place_arena", "tile_byte_count", "prepare", "profile_seconds",
    "kernels", "inputs", "outputs", "symbols", "signature", "manifest", "model", "signatures", "variables",
    "description",
  ]
}
