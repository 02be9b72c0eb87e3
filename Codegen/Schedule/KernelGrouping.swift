import ElbowArrays
import ElbowGraph

/// Decides which values go to memory and which kernels compute them: chains of elementwise operations and views are
/// computed where they are used, and results over the same loops share a kernel.
struct KernelGrouping {
  let program: Program
  let kinds: [Kind]
  /// The cost of computing a value again, from what lies in memory: about one for an addition. It doubles with every step where
  /// a value is used twice, and so is a number that may become infinite.
  private(set) var cost: [Double] = []
  /// The nodes whose values lie in memory because of what they are.
  private var inMemory: Set<Int> = []
  private let consumers: [[Int]]
  /// The variables that a node's value becomes the new value of.
  let updatedVariables: [Int: [Int]]
  /// A buffer for each node, wherever its value goes: while kernels are formed, buffers are numbered as nodes are.
  let buffers: [Buffer]
  /// The buffers of the nodes that lie in memory.
  private var bufferOf: [Int: Int] = [:]
  /// The kernels formed so far, by their results.
  private var maps: [[Int]: Map] = [:]
  /// How many kernels were built, those that were dropped included: what grouping costs.
  private(set) var builtCount = 0

  /// Values above this cost are not computed in two kernels.
  static let recomputedCost = 6.0

  init(_ program: Program) {
    self.program = program
    var consumers = [[Int]](repeating: [], count: program.nodes.count)
    for (index, node) in program.nodes.enumerated() { for input in Set(node.inputs) { consumers[input].append(index) } }
    self.consumers = consumers
    updatedVariables = Dictionary(grouping: program.updates, by: \.node).mapValues { $0.map(\.variable) }
    kinds = program.nodes.map { Kind($0.primitive) }
    buffers = KernelGrouping.buffers(program)
    for (node, kind) in kinds.enumerated() where kind == .input { bufferOf[node] = node }
    findMemoryNodes()
  }

  /// The result of the grouping.
  struct Result {
    /// For each kernel the nodes whose values it leaves in memory; a single node where it is not a map.
    var groups: [[Int]]
    var buffers: [Buffer]
    var bufferOf: [Int: Int]
    /// Map kernels by group; nil for contractions, assemblies and nests.
    var maps: [Kernel?]
  }

  /// How a node's value comes about.
  enum Kind {
    case input, inlined, reduction, contraction, assembly, nest

    init(_ primitive: any Primitive) {
      switch primitive {
      case let constant as Constant: self = constant.scalar == nil ? .input : .inlined
      case is any InputPrimitive: self = .input
      case is Reduce: self = .reduction
      case is Contraction: self = .contraction
      case is any AssemblyPrimitive: self = .assembly
      case is any ElementwisePrimitive, is any GeneratingPrimitive, is any ViewPrimitive: self = .inlined
      default: self = .nest
      }
    }
  }

  private static func buffers(_ program: Program) -> [Buffer] {
    let inputs = Dictionary(program.inputs.enumerated().map { ($1.name, $0) }) { first, _ in first }
    let variables = Dictionary(program.variables.enumerated().map { ($1.name, $0) }) { first, _ in first }
    return program.nodes.enumerated().map { index, node in
      let storage: Buffer.Storage =
        switch node.primitive {
        case let placeholder as Placeholder: .input(inputs[placeholder.input] ?? 0)
        case let read as ReadVariable: .variable(variables[read.variable] ?? 0)
        case let constant as Constant where constant.scalar == nil: .constant
        default: .arena
        }
      return Buffer(node: index, dtype: node.type.dtype, shape: node.type.shape, storage: storage)
    }
  }

  // MARK: What goes to memory

  private mutating func findMemoryNodes() {
    for (index, node) in program.nodes.enumerated() {
      switch kinds[index] {
      case .input: cost.append(0)
      case .inlined:
        let operands = node.inputs.map { inMemory.contains($0) ? 1 : cost[$0] }.reduce(0, +)
        cost.append(operands + KernelGrouping.ownCost(node))
        requireCheapExpansion(node)
      case .contraction:
        for input in node.inputs { requireAffineOperand(input) }
        makeMemory(index)
      case .nest:
        for input in node.inputs where kinds[input] != .input { makeMemory(input) }
        makeMemory(index)
      case .reduction, .assembly: makeMemory(index)
      }
      if cost.count == index { cost.append(0) }
    }
    for root in program.roots where kinds[root] != .input { keep(root) }
  }

  mutating func makeMemory(_ node: Int) {
    keep(node)
    if node < cost.count { cost[node] = 0 }
  }

  private mutating func keep(_ node: Int) {
    guard inMemory.insert(node).inserted else { return }
    bufferOf[node] = node
    maps = maps.filter { !$0.value.inlined.contains(node) }
  }

  private static func ownCost(_ node: Node) -> Double {
    switch node.primitive {
    case is any ViewPrimitive, is Constant: 0
    case is RandomBits: ScalarCost.random.recomputation
    case let function as any ElementwisePrimitive: type(of: function).cost.recomputation
    default: 1
    }
  }

  /// A value that is repeated for every element of a larger array is computed once, unless it is a scalar, which kernels compute
  /// before their loops.
  private mutating func requireCheapExpansion(_ node: Node) {
    guard node.primitive is Broadcast, let source = node.inputs.first, kinds[source] == .inlined else { return }
    let shape = program.nodes[source].type.shape
    let isScalar = shape.elementCount == 1
    guard !isScalar, shape.elementCount != node.type.shape.elementCount, cost[source] > 2 else { return }
    // A value that is seen through views is put down as it is computed.
    var base = source
    while program.nodes[base].primitive is any ViewPrimitive, !inMemory.contains(base),
      let operand = program.nodes[base].inputs.first, kinds[operand] == .inlined,
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
    if kinds[current] != .input { makeMemory(current) }
  }

  // MARK: Groups

  /// Forms the kernels. Where a kernel turns out not to be expressible, or a value would be computed in several kernels at
  /// a high price, that value goes to memory and the kernels are formed again.
  mutating func form() throws -> Result {
    for _ in 0..<(program.nodes.count + 2) {
      do throws(FusionConflict) {
        let groups = try attempt()
        let shared = expensiveShared(groups)
        if shared.isEmpty { return numbered(groups) }
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

  /// Every result starts with a kernel of its own; kernels over the same loops are then put together.
  private mutating func attempt() throws(FusionConflict) -> [Group] {
    var groups: [Group] = []
    for node in program.nodes.indices where inMemory.contains(node) {
      groups.append(Group(nodes: [node], map: try map([node])))
    }
    return merged(groups)
  }

  /// Some results, and what computes them together if that is a map.
  struct Group {
    var nodes: [Int]
    var map: Map?
  }

  /// A kernel for some results over the same loops.
  struct Map {
    var kernel: Kernel
    /// The nodes that it computes on the way.
    var inlined: Set<Int>
  }

  /// The loops that a result is computed over, and which of them are combined.
  func domain(_ node: Int) -> (shape: Shape, reduced: Set<Int>)? {
    switch kinds[node] {
    case .inlined: return (program.nodes[node].type.shape, [])
    case .reduction:
      guard let reduce = program.nodes[node].primitive as? Reduce else { return nil }
      return (program.nodes[program.nodes[node].inputs[0]].type.shape, Set(reduce.axes))
    default: return nil
    }
  }

  /// A kernel for some results over the same loops, in ascending order; nil if they are not maps.
  ///
  /// Kernels are remembered until one of the nodes that they compute on the way goes to memory.
  mutating func map(_ nodes: [Int]) throws(FusionConflict) -> Map? {
    if let known = maps[nodes] { return known }
    guard let first = nodes.first, let (shape, _) = domain(first) else { return nil }
    builtCount += 1
    let reduced = nodes.compactMap { domain($0)?.reduced }.reduce(into: Set<Int>()) { $0.formUnion($1) }
    var builder = KernelBuilder(program, domain: shape, reduced: reduced, bufferOf: bufferOf, buffers: buffers)
    var outputs: [KernelOutput] = []
    for node in nodes {
      let reduce = program.nodes[node].primitive as? Reduce
      let value = try builder.value(ofRoot: node, operand: reduce.map { _ in program.nodes[node].inputs[0] })
      let axes = builder.identityIndex.indices.filter { reduce?.axes.contains($0) != true }
      let access = builder.access(node, at: axes.map { builder.identityIndex[$0] })
      outputs.append(KernelOutput(value: value, access: access, reduction: reduce?.operation, node: node))
    }
    let map = Map(kernel: builder.kernel(outputs), inlined: builder.inlined)
    maps[nodes] = map
    return map
  }

  /// The groups with buffers for what lies in memory alone, numbered in order.
  private func numbered(_ groups: [Group]) -> Result {
    let nodes = bufferOf.keys.sorted()
    let numbers = nodes.enumerated().reduce(into: [:]) { $0[$1.element] = $1.offset }
    return Result(
      groups: groups.map(\.nodes), buffers: nodes.map { buffers[$0] }, bufferOf: numbers,
      maps: groups.map { $0.map?.kernel.mappingBuffers { numbers[$0] ?? $0 } })
  }

  /// The values in memory that a result is computed from directly.
  func memoryOperands(_ node: Int) -> Set<Int> {
    var found: Set<Int> = []
    var queue = program.nodes[node].inputs
    var seen: Set<Int> = []
    while let node = queue.popLast() {
      guard seen.insert(node).inserted else { continue }
      if inMemory.contains(node) || kinds[node] == .input {
        found.insert(node)
      } else {
        queue += program.nodes[node].inputs
      }
    }
    return found
  }

  /// The costly values that more than one kernel would compute.
  private func expensiveShared(_ groups: [Group]) -> [Int] {
    var users: [Int: Int] = [:]
    for group in groups {
      let inlined = group.map?.inlined ?? inlinedOperands(group.nodes)
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
      guard !inMemory.contains(node), kinds[node] != .input, found.insert(node).inserted else { continue }
      queue += program.nodes[node].inputs
    }
    return found
  }
}
