import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// The shared context of all kernels of a signature: the names of buffers, and where their pointers come from.
struct KernelContext {
  let schedule: Schedule
  let layout: StateLayout
  /// `train`.
  let signature: String
  /// The name of each buffer; as a field of the frame where it is not part of the state.
  let names: [String]

  /// The structure of pointers that every kernel gets.
  var frameType: String { "\(signature)__frame" }

  init(_ schedule: Schedule, _ layout: StateLayout, signature: String) {
    self.schedule = schedule
    self.layout = layout
    self.signature = signature
    let loops = schedule.kernels.indices.map(KernelContext.loopField)
    let own: Set = ["state", "workspace", "key0", "key1", "counter0", "counter1", "stream", "width"]
    var naming = Naming(reserved: own.union(loops))
    names = schedule.buffers.enumerated().map { index, buffer in
      let program = schedule.program
      switch buffer.storage {
      case .input(let position): return naming.local(for: program.inputs[position].name, default: "input")
      case .output(let position): return naming.identifier(for: "out_" + program.outputs[position].name)
      case .variable(let variable): return naming.local(for: program.variables[variable].name, default: "variable")
      case .constant: return "\(signature)__constant_\(buffer.node)"
      case .slices:
        return naming.identifier(for: "parts_\(buffer.node)")
      case .arena, .tile:
        return naming.identifier(for: type(of: program.nodes[buffer.node].primitive).name + "_\(buffer.node)")
      }
    }
  }

  /// A frame's name for the frame of a loop that is a kernel.
  static func loopField(_ kernel: Int) -> String { "loop_\(kernel)" }

  /// The type of a pointer to the buffer's elements.
  func pointerType(_ buffer: Int, isWritten: Bool) -> String {
    (isWritten ? "" : "const ") + schedule.buffers[buffer].dtype.cType + " *"
  }

  /// The pointer to a buffer's first element.
  func pointer(_ buffer: Int, isWritten: Bool) -> CExpression {
    switch schedule.buffers[buffer].storage {
    case .variable(let variable):
      return .cast(
        pointerType(buffer, isWritten: isWritten),
        .binary("+", .field("f", "state"), .integer(layout.offsets[variable])))
    case .constant: return .name(names[buffer])
    default: return .field("f", names[buffer])
    }
  }

  /// Local names for all that a kernel uses: pointers and extents.
  func prologue(_ kernel: Kernel) -> [CStatement] {
    var statements: [CStatement] = []
    for symbol in symbols(kernel).sorted() {
      statements.append(.declare("const long", Naming.symbol(symbol), .field("f", Naming.symbol(symbol))))
    }
    let writes = kernel.writes
    for buffer in kernel.reads.union(writes).sorted() {
      if case .constant = schedule.buffers[buffer].storage { continue }
      let isWritten = writes.contains(buffer)
      if schedule.buffers[buffer].storage == .slices && isWritten {
        // The part of the slice at hand.
        statements.append(
          .declare(
            pointerType(buffer, isWritten: true) + "const", names[buffer],
            .field("f", names[buffer]) + .field("f", "slice") * schedule.buffers[buffer].strides[0].c))
        continue
      }
      statements.append(
        .declare(
          pointerType(buffer, isWritten: isWritten) + "const", names[buffer], pointer(buffer, isWritten: isWritten)))
    }
    return statements
  }

  private func symbols(_ kernel: Kernel) -> Set<String> {
    var found: Set<String> = []
    func note(_ index: LinearIndex) {
      found.formUnion(index.constant.symbols)
      for factor in index.coefficients.values { found.formUnion(factor.symbols) }
    }
    for access in kernel.accesses { note(access.index) }
    if case .nest(let body) = kernel.body {
      found.formUnion(body.nest.symbols)
      for buffer in body.operands + [body.result] {
        for stride in schedule.buffers[buffer].strides { found.formUnion(stride.symbols) }
      }
    }
    // The caller says from where to where the loop that is divided runs.
    for loop in kernel.loops where loop.id != kernel.partition?.id { found.formUnion(loop.extent.symbols) }
    if case .map(let instructions, _) = kernel.body {
      for instruction in instructions {
        if case .position(let index) = instruction.operation { note(index) }
        if case .scalar(.extent(let dimension)) = instruction.operation { found.formUnion(dimension.symbols) }
      }
    }
    return found
  }

  /// An index as an expression in the loop variables. Within a tile's memory rows count from the tile's first.
  func index(_ access: Access, loops: [Int: CExpression], outermost: Int?) -> CExpression {
    let isTile = schedule.buffers[access.buffer].storage == .tile
    var total: CExpression = 0
    for (loop, factor) in access.index.coefficients.sorted(by: { $0.key < $1.key }) {
      var position = loops[loop] ?? 0
      if isTile && loop == outermost { position = position - "first" }
      total = total + position * factor.c
    }
    return total + access.index.constant.c
  }

  /// `hidden = relu(images x kernel + bias)` is beyond us; the operations and the user's lines are not.
  func comment(_ kernel: Kernel, withLines: Bool) -> String {
    let program = schedule.program
    var names: [String] = []
    for node in kernel.nodes where !(program.nodes[node].primitive is Constant) {
      let name = type(of: program.nodes[node].primitive).name
      if names.last != name { names.append(name) }
    }
    var text = names.joined(separator: ", ")
    if withLines {
      var lines: [String] = []
      for node in kernel.nodes {
        if let place = program.nodes[node].source.resolve()?.description, !lines.contains(place) { lines.append(place) }
      }
      if !lines.isEmpty { text += "\nfrom " + lines.prefix(6).joined(separator: ", ") }
    }
    return text
  }
}
