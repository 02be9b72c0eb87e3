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

extension Schedule {
  /// The name of what a kernel leaves, with which its function in C begins: the first of its results, but a parameter's new value
  /// before all others.
  package func resultName(_ kernel: Int) -> String {
    let results = kernels[kernel].lastMap.results(program)
    guard let result = results.first(where: { isParameter($0.buffer) }) ?? results.first else {
      return kernels[kernel].nodes.first.map { type(of: program.nodes[$0].primitive).name } ?? "kernel"
    }
    switch buffers[result.buffer].storage {
    case .variable(let variable): return "update_" + program.variables[variable].name
    case .output(let position): return program.outputs[position].name
    default: return names[result.node] ?? type(of: program.nodes[result.node].primitive).name
    }
  }

  private func isParameter(_ buffer: Int) -> Bool {
    guard case .variable(let variable) = buffers[buffer].storage else { return false }
    return program.variables[variable].role == .parameter
  }
}
