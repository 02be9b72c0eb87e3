import ElbowArrays
import ElbowGraph

/// Decides which values go to memory and which kernels compute them: chains of elementwise operations and views are
/// computed where they are used, and results over the same loops share a kernel.
struct KernelGrouping {
  let program: Program
  /// What a value costs to compute again, from what lies in memory: about one for an addition.
  private var cost: [Int]
  /// The nodes whose values lie in memory because of what they are.
  private var inMemory: Set<Int>
  private let consumers: [[Int]]

  /// Values above this cost are not computed in two kernels.
  static let recomputedCost = 6

  init(_ program: Program) {
    self.program = program
    var consumers = [[Int]](repeating: [], count: program.nodes.count)
    for (index, node) in program.nodes.enumerated() { for input in Set(node.inputs) { consumers[input].append(index) } }
    self.consumers = consumers
    cost = []
    inMemory = []
    findMemoryNodes()
  }

  /// What the grouping yields.
  struct Result {
    /// For each kernel the nodes whose values it leaves in memory; a single node where it is not a map.
    var groups: [[Int]]
    var buffers: [Buffer]
    var bufferOf: [Int: Int]
    /// Map kernels by group; nil for contractions, assemblies and nests.
    var maps: [Kernel?]
  }

  private enum Kind { case input, inlined, reduction, contraction, assembly, nest }

  private func kind(_ node: Int) -> Kind {
    switch program.nodes[node].primitive {
    case let constant as Constant: constant.scalar == nil ? .input : .inlined
    case is any InputPrimitive: .input
    case is Reduce: .reduction
    case is Contraction: .contraction
    case is any AssemblyPrimitive: .assembly
    case is any ElementwisePrimitive, is any GeneratingPrimitive, is any ViewPrimitive: .inlined
    default: .nest
    }
  }

  // MARK: What goes to memory

  private mutating func findMemoryNodes() {
    for (index, node) in program.nodes.enumerated() {
      switch kind(index) {
      case .input: cost.append(0)
      case .inlined:
        let operands = node.inputs.map { inMemory.contains($0) ? 1 : cost[$0] }.reduce(0, +)
        cost.append(operands + KernelGrouping.ownCost(node))
        requireCheapExpansion(node)
      case .contraction:
        for input in node.inputs { requireAffineOperand(input) }
        makeMemory(index)
      case .nest:
        for input in node.inputs where kind(input) != .input { makeMemory(input) }
        makeMemory(index)
      case .reduction, .assembly: makeMemory(index)
      }
      if cost.count == index { cost.append(0) }
    }
    for root in program.roots where kind(root) != .input { inMemory.insert(root) }
  }

  mutating func makeMemory(_ node: Int) {
    inMemory.insert(node)
    if node < cost.count { cost[node] = 0 }
  }

  private static func ownCost(_ node: Node) -> Int {
    switch node.primitive {
    case is any ViewPrimitive, is Constant: 0
    case is RandomBits: 20
    case is Divide, is SquareRoot: 4
    case is Floor, is Ceil, is Round, is Sign: 1
    case is any UnaryPrimitive: 10
    case is Power, is Remainder: 20
    case let function as any ElementwisePrimitive where type(of: function).isCostly: 100
    default: 1
    }
  }

  /// What is repeated for every element of a larger array is computed once, unless it is a scalar, which kernels compute
  /// before their loops.
  private mutating func requireCheapExpansion(_ node: Node) {
    guard node.primitive is Broadcast, let source = node.inputs.first, kind(source) == .inlined else { return }
    let shape = program.nodes[source].type.shape
    let isScalar = shape.elementCount == 1
    guard !isScalar, shape.elementCount != node.type.shape.elementCount, cost[source] > 2 else { return }
    // What is seen through views is put down as it is computed.
    var base = source
    while program.nodes[base].primitive is any ViewPrimitive, !inMemory.contains(base),
      let operand = program.nodes[base].inputs.first, kind(operand) == .inlined,
      program.nodes[operand].type.shape.elementCount == shape.elementCount
    {
      base = operand
    }
    makeMemory(base)
    if base != source { cost[source] = 1 }
  }

  /// Contractions read from memory, through views whose indices stay linear.
  private mutating func requireAffineOperand(_ node: Int) {
    var current = node
    while program.nodes[current].primitive is any ViewPrimitive, !inMemory.contains(current) {
      current = program.nodes[current].inputs[0]
    }
    if kind(current) != .input { makeMemory(current) }
  }

  // MARK: Groups

  /// Forms the kernels. Where a kernel turns out not to be expressible, or a value would be computed in several kernels at
  /// a high price, that value goes to memory and the kernels are formed again.
  mutating func form() throws -> Result {
    for _ in 0..<(program.nodes.count + 2) {
      do throws(FusionConflict) {
        let result = try attempt()
        let shared = expensiveShared(result)
        if shared.isEmpty { return result }
        shared.forEach { makeMemory($0) }
      } catch {
        guard case .needsMemory(let node) = error, !inMemory.contains(node) else {
          throw ElbowError(.internal, "A kernel of '\(program.name)' could not be formed.")
        }
        makeMemory(node)
      }
    }
    throw ElbowError(.internal, "The kernels of '\(program.name)' could not be formed.")
  }

  private func attempt() throws(FusionConflict) -> Result {
    var result = Result(groups: [], buffers: [], bufferOf: [:], maps: [])
    allocate(&result)
    // Every result starts with a kernel of its own; kernels over the same loops are then put together.
    var groups: [Group] = []
    for node in program.nodes.indices where inMemory.contains(node) {
      let (kernel, inlined) = try mapKernel([node], result) ?? (nil, [])
      groups.append(Group(nodes: [node], kernel: kernel, inlined: inlined))
    }
    merge(&groups, result)
    result.groups = groups.map(\.nodes)
    result.maps = groups.map(\.kernel)
    return result
  }

  private struct Group {
    var nodes: [Int]
    var kernel: Kernel?
    var inlined: Set<Int>
  }

  private func allocate(_ result: inout Result) {
    for node in program.nodes.indices where inMemory.contains(node) || kind(node) == .input {
      let type = program.nodes[node].type
      result.bufferOf[node] = result.buffers.count
      result.buffers.append(Buffer(node: node, dtype: type.dtype, shape: type.shape, storage: storage(of: node)))
    }
  }

  private func storage(of node: Int) -> Buffer.Storage {
    switch program.nodes[node].primitive {
    case let placeholder as Placeholder:
      .input(program.inputs.firstIndex { $0.name == placeholder.input } ?? 0)
    case let read as ReadVariable: .variable(program.variables.firstIndex { $0.name == read.variable } ?? 0)
    case let constant as Constant where constant.scalar == nil: .constant
    default: .arena
    }
  }

  /// The loops that a result is computed over, and which of them are combined.
  private func domain(_ node: Int) -> (shape: Shape, reduced: Set<Int>)? {
    switch kind(node) {
    case .inlined: return (program.nodes[node].type.shape, [])
    case .reduction:
      guard let reduce = program.nodes[node].primitive as? Reduce else { return nil }
      return (program.nodes[program.nodes[node].inputs[0]].type.shape, Set(reduce.axes))
    default: return nil
    }
  }

  /// A kernel for some results over the same loops; nil if they are not maps.
  private func mapKernel(_ nodes: [Int], _ result: Result) throws(FusionConflict) -> (Kernel?, Set<Int>)? {
    guard let first = nodes.first, let (shape, _) = domain(first) else { return nil }
    let reduced = nodes.compactMap { domain($0)?.reduced }.reduce(into: Set<Int>()) { $0.formUnion($1) }
    var builder = KernelBuilder(
      program, domain: shape, reduced: reduced, bufferOf: result.bufferOf, buffers: result.buffers)
    var outputs: [KernelOutput] = []
    for node in nodes.sorted() {
      guard let buffer = result.bufferOf[node] else { continue }
      let reduce = program.nodes[node].primitive as? Reduce
      let value = try builder.value(ofRoot: node, operand: reduce.map { _ in program.nodes[node].inputs[0] })
      let axes = builder.identityIndex.indices.filter { reduce?.axes.contains($0) != true }
      let access = builder.access(buffer, at: axes.map { builder.identityIndex[$0] })
      outputs.append(KernelOutput(value: value, access: access, reduction: reduce?.operation, node: node))
    }
    return (builder.kernel(outputs), builder.inlined)
  }

  // MARK: Merging

  private func merge(_ groups: inout [Group], _ result: Result) {
    var first = 0
    while first < groups.count {
      var second = first + 1
      while second < groups.count {
        if let merged = merged(groups, first, second, result) {
          groups[first] = merged
          groups.remove(at: second)
          second = first + 1
        } else {
          second += 1
        }
      }
      first += 1
    }
  }

  private func merged(_ groups: [Group], _ first: Int, _ second: Int, _ result: Result) -> Group? {
    let (a, b) = (groups[first], groups[second])
    guard a.kernel != nil, b.kernel != nil, let (shape, _) = domain(a.nodes[0]), let (other, _) = domain(b.nodes[0]),
      shape == other, shape.elementCount != 1, haveSameReduction(a.nodes + b.nodes), sharesWork(a, b, result),
      !isReachable(groups, from: first, to: second, result, isDirectAllowed: true),
      !isReachable(groups, from: second, to: first, result, isDirectAllowed: true)
    else { return nil }
    let nodes = (a.nodes + b.nodes).sorted()
    guard let (kernel, inlined) = try? mapKernel(nodes, result), let kernel,
      !readsWhatItOverwrites(kernel, result)
    else { return nil }
    return Group(nodes: nodes, kernel: kernel, inlined: inlined)
  }

  /// Whether a kernel that updates a variable, which happens in place, reads it anywhere but where the new value goes: then
  /// it would meet elements that it has replaced already.
  private func readsWhatItOverwrites(_ kernel: Kernel, _ result: Result) -> Bool {
    guard case .map(_, let outputs) = kernel.body else { return false }
    return program.updates.contains { update in
      guard let output = outputs.first(where: { $0.node == update.node }) else { return false }
      return kernel.accesses.contains {
        result.buffers[$0.buffer].storage == .variable(update.variable) && $0.index != output.access.index
      }
    }
  }

  /// Two reductions have to be over the same loops. Stored results go with a reduction that leaves the outermost loop, for
  /// that is the one that work is divided along.
  private func haveSameReduction(_ nodes: [Int]) -> Bool {
    let reduced = Set(nodes.compactMap { domain($0)?.reduced })
    return reduced.count <= 1 || reduced.count == 2 && reduced.contains([]) && !reduced.contains { $0.contains(0) }
  }

  /// Merging pays where both kernels read the same memory or compute the same thing.
  private func sharesWork(_ a: Group, _ b: Group, _ result: Result) -> Bool {
    guard let x = a.kernel, let y = b.kernel else { return false }
    let shape = domain(a.nodes[0])?.shape
    func large(_ buffers: Set<Int>) -> Set<Int> {
      buffers.filter { result.buffers[$0].shape.elementCount == shape?.elementCount }
    }
    if !large(x.reads.union(x.writes)).isDisjoint(with: y.reads.union(y.writes)) { return true }
    // Scalars are computed before the loops and cost nothing to have twice.
    return a.inlined.intersection(b.inlined).contains {
      cost[$0] > KernelGrouping.recomputedCost && program.nodes[$0].type.shape.elementCount != 1
    }
  }

  /// Whether what `from` computes reaches `to`. A stored result that is read just where it stands does not count if
  /// `isDirectAllowed`: within one kernel it need not go through memory.
  private func isReachable(
    _ groups: [Group], from: Int, to: Int, _ result: Result, isDirectAllowed: Bool
  ) -> Bool {
    var writer: [Int: Int] = [:]
    for (index, group) in groups.enumerated() { for node in group.nodes { writer[node] = index } }
    var queue = [to]
    var seen: Set<Int> = [to]
    while let current = queue.popLast() {
      for node in memoryOperands(groups[current].nodes) {
        guard let source = writer[node], source != current else { continue }
        if source == from {
          let isElementwise = kind(node) == .inlined
          if !(isDirectAllowed && current == to && isElementwise) { return true }
          continue
        }
        if seen.insert(source).inserted { queue.append(source) }
      }
    }
    return false
  }

  /// The values in memory that some results are computed from directly.
  func memoryOperands(_ nodes: [Int]) -> Set<Int> {
    var found: Set<Int> = []
    var queue = nodes.flatMap { program.nodes[$0].inputs }
    var seen: Set<Int> = []
    while let node = queue.popLast() {
      guard seen.insert(node).inserted else { continue }
      if inMemory.contains(node) || kind(node) == .input {
        found.insert(node)
      } else {
        queue += program.nodes[node].inputs
      }
    }
    return found
  }

  /// The costly values that more than one kernel would compute.
  private func expensiveShared(_ result: Result) -> [Int] {
    var users: [Int: Int] = [:]
    for (group, kernel) in zip(result.groups, result.maps) {
      let inlined = kernel.map { Set($0.nodes) } ?? inlinedOperands(group)
      for node in inlined where !inMemory.contains(node) { users[node, default: 0] += 1 }
    }
    let expensive = users.filter {
      $0.value > 1 && cost[$0.key] > KernelGrouping.recomputedCost
        && program.nodes[$0.key].type.shape.elementCount != 1 && !(program.nodes[$0.key].primitive is any ViewPrimitive)
    }.keys
    // Only those that no other one is computed from: with them in memory the rest may become cheap.
    return expensive.filter { node in
      !consumers[node].contains { consumer in expensive.contains(consumer) && consumers[node].count == 1 }
    }
  }

  private func inlinedOperands(_ nodes: [Int]) -> Set<Int> {
    var found: Set<Int> = []
    var queue = nodes.flatMap { program.nodes[$0].inputs }
    while let node = queue.popLast() {
      guard !inMemory.contains(node), kind(node) != .input, found.insert(node).inserted else { continue }
      queue += program.nodes[node].inputs
    }
    return found
  }
}
