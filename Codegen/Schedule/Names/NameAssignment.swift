import ElbowGraph

/// Notes which value each kernel finds or leaves in each buffer, for memory that is used again holds several in turn, and names
/// them.
struct NameAssignment {
  private let schedule: Schedule

  init(_ schedule: Schedule) { self.schedule = schedule }

  func assigned() -> Schedule {
    var copy = schedule
    var values = schedule.buffers.map(\.node)
    for index in schedule.stages.flatMap(\.tasks).flatMap(\.kernels) {
      let kernel = schedule.kernels[index]
      for (buffer, node) in kernel.results(schedule.program) where !isAssembly(buffer) { values[buffer] = node }
      copy.kernels[index].values = kernel.reads.union(kernel.writes).reduce(into: [:]) { $0[$1] = values[$1] }
    }
    let names = ValueNames(schedule.program)
    let nodes = Set(schedule.buffers.map(\.node)).union(copy.kernels.flatMap(\.values.values))
    copy.names = nodes.reduce(into: [:]) { $0[$1] = names.name($1) }
    return copy
  }

  /// Whether several kernels write pieces of one value.
  private func isAssembly(_ buffer: Int) -> Bool {
    schedule.program.nodes[schedule.buffers[buffer].node].primitive is any AssemblyPrimitive
  }
}

extension Kernel {
  /// The nodes whose values it leaves in buffers, in the order in which they are written.
  package func results(_ program: Program) -> [(buffer: Int, node: Int)] {
    let own: [(buffer: Int, node: Int)] =
      switch body {
      case .map(_, let outputs): outputs.map { ($0.access.buffer, $0.node) }
      case .contraction(let body):
        nodes.first { program.nodes[$0].primitive is Contraction }.map { [(body.result.buffer, $0)] } ?? []
      case .nest(let body): nodes.last.map { [(body.result, $0)] } ?? []
      case .scan: []
      }
    return own + epilogue.flatMap { $0.results(program) }
  }
}
