import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// The shared context of all kernels of a signature: the names of buffers, and where their pointers come from.
struct KernelContext {
  let schedule: Schedule
  let places: StatePlaces
  /// `train`.
  let signature: String
  /// The name of each buffer: a field of the frame, or an array of the file's for a constant.
  let fields: [String]
  /// The name of each buffer in the kernel at hand: after the value that it holds there.
  private(set) var names: [String]
  private let naming: ValueNaming

  /// The structure of pointers that every kernel gets.
  var frameType: CType { CType("\(signature)__frame") }

  init(_ schedule: Schedule, _ places: StatePlaces, signature: String) {
    self.schedule = schedule
    self.places = places
    self.signature = signature
    naming = ValueNaming(schedule, signature: signature)
    fields = naming.fields
    names = naming.fields
  }

  /// The context within a kernel.
  func within(_ kernel: Kernel) -> KernelContext {
    var copy = self
    for (buffer, node) in kernel.values { copy.names[buffer] = naming.name(of: buffer, holding: node) }
    return copy
  }

  /// The name of a kernel's function behind the signature's: after its result.
  func functionName(_ kernel: Int) -> String { "\(signature)__\(naming.functions[kernel] ?? "kernel_\(kernel)")" }

  /// A frame's name for the frame of a loop that is a kernel.
  static func loopField(_ kernel: Int) -> String { "loop_\(kernel)" }

  /// The type of a pointer to the buffer's elements.
  func pointerType(_ buffer: Int, isWritten: Bool) -> CType {
    let element = schedule.buffers[buffer].dtype.cType
    return (isWritten ? element : element.constant).pointer
  }

  /// The pointer to a buffer's first element.
  func pointer(_ buffer: Int, isWritten: Bool) -> CExpression {
    switch schedule.buffers[buffer].storage {
    case .variable(let variable):
      return .cast(
        pointerType(buffer, isWritten: isWritten),
        .binary(.plus, .field("f", "state"), places[variable]))
    case .constant: return .name(names[buffer])
    default: return .field("f", fields[buffer])
    }
  }

  /// Local names for all that a kernel uses: pointers and extents.
  func prologue(_ kernel: Kernel) -> [CStatement] {
    var statements: [CStatement] = []
    for symbol in symbols(kernel).sorted() {
      statements.append(.declare(.long.constant, Naming.symbol(symbol), .field("f", Naming.symbol(symbol))))
    }
    let writes = kernel.writes
    for buffer in kernel.reads.union(writes).sorted() {
      if case .constant = schedule.buffers[buffer].storage { continue }
      let isWritten = writes.contains(buffer)
      if schedule.buffers[buffer].storage == .slices && isWritten {
        // The part of the slice at hand.
        statements.append(
          .declare(
            pointerType(buffer, isWritten: true).constant, names[buffer],
            .field("f", fields[buffer]) + .field("f", "slice") * schedule.buffers[buffer].strides[0].c))
        continue
      }
      statements.append(
        .declare(
          pointerType(buffer, isWritten: isWritten).constant, names[buffer], pointer(buffer, isWritten: isWritten)))
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

  private static let mostFormulas = 4

  /// The formula of each result, and the user's lines.
  func comment(_ kernel: Kernel, withLines: Bool) -> String {
    let program = schedule.program
    // Of what is written twice, what it is in the end.
    let results = kernel.results(program)
    let last = results.enumerated().filter { index, result in
      !results[(index + 1)...].contains { $0.buffer == result.buffer }
    }.map(\.element)
    let formula = Formula(program, computing: Set(kernel.nodes).subtracting(last.map(\.node))) { node in
      let buffer = last.first { $0.node == node }?.buffer ?? kernel.values.filter { $0.value == node }.keys.min()
      return buffer.map { names[$0] } ?? schedule.names[node].map { Naming.sanitized($0) }
    }
    var lines = last.prefix(KernelContext.mostFormulas).map { buffer, node in
      let shape = program.type(node).shape
      return "\(names[buffer])\(shape.rank == 0 ? "" : "\(shape)") = \(formula.text(node))"
    }
    if last.count > lines.count { lines.append("and \(last.count - lines.count) more") }
    if lines.isEmpty {
      lines = [kernel.nodes.map { type(of: program.nodes[$0].primitive).name }.joined(separator: ", ")]
    }
    var text = lines.joined(separator: "\n")
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

extension Kernel {
  /// From where to where a loop runs: the caller says it of the one that the work is divided along.
  func range(_ loop: Loop) -> (from: CExpression, end: CExpression) {
    loop.id == partition?.id ? ("first", "last") : (0, loop.extent.c)
  }
}
