import ElbowArrays
import ElbowGraph

/// Why nodes could not be computed within one kernel.
enum FusionConflict: Error {
  /// The node has to be in memory, for an index into it is not linear in the loops.
  case needsMemory(Int)
  /// The kernel would read one of its own results elsewhere than where it stands.
  case readsOwnResult
}

/// Builds the body of a map kernel: follows the nodes from its results up to what lies in memory, and turns views into
/// indices on the way.
struct KernelBuilder: LoopSplitter {
  let program: Program
  /// The buffer of every node that lies in memory.
  let bufferOf: [Int: Int]
  let buffers: [Buffer]
  private(set) var loops: [Loop]
  private(set) var instructions: [KernelInstruction] = []
  private(set) var inlined: Set<Int> = []
  private var known: [KernelInstruction: Int] = [:]
  private var values: [Key: Int] = [:]
  private var replacements: [Int: LinearIndex] = [:]
  /// The values that the kernel itself computes at each step, by node.
  private var own: [Int: Int] = [:]
  private let identity: [LinearIndex]
  private var nextLoop: Int
  private let domain: Shape

  private struct Key: Hashable {
    let node: Int
    let index: [LinearIndex]
  }

  /// - Parameter domain: The extents of the loops to begin with; `reduced` says which of them results are combined over.
  init(_ program: Program, domain: Shape, reduced: Set<Int>, bufferOf: [Int: Int], buffers: [Buffer]) {
    self.program = program
    self.bufferOf = bufferOf
    self.buffers = buffers
    self.domain = domain
    loops = domain.dimensions.enumerated().map { Loop(id: $0, extent: $1, isReduction: reduced.contains($0)) }
    // A loop of one step is no loop, and its variable is 0.
    identity = domain.dimensions.enumerated().map { $1 == 1 ? LinearIndex() : LinearIndex(loop: $0) }
    nextLoop = domain.rank
  }

  /// The instruction for a root's value at each step. `operand` is what is combined, if the root is a reduction.
  mutating func value(ofRoot node: Int, operand: Int? = nil) throws(FusionConflict) -> Int {
    let instruction = try compute(operand ?? node, at: identity, isRoot: operand == nil)
    if operand == nil { own[node] = instruction }
    return instruction
  }

  /// The element of a buffer at each step, for roots that only copy.
  func access(_ buffer: Int, at index: [LinearIndex]) -> Access {
    var flat = LinearIndex()
    for (position, stride) in zip(index, buffers[buffer].strides) { flat = flat + position * stride }
    return Access(buffer: buffer, index: flat)
  }

  var identityIndex: [LinearIndex] { identity }

  /// Applies all splits of loops to an index.
  func resolved(_ index: LinearIndex) -> LinearIndex {
    var current = index
    while current.coefficients.keys.contains(where: { replacements[$0] != nil }) {
      current = current.substituting(replacements)
    }
    return current
  }

  /// The same value at each step.
  mutating func constant(_ value: Double, _ dtype: DType) -> Int {
    emit(.scalar(.constant(ScalarConstant(value))), [], dtype)
  }

  // MARK: Following nodes

  /// The instruction for a node's value at an index.
  ///
  /// A chain of operations may be longer than the stack is deep, so what waits for its operands waits in a list.
  mutating func compute(_ node: Int, at index: [LinearIndex], isRoot: Bool = false) throws(FusionConflict) -> Int {
    var waiting: [Waiting] = []
    var begun = try begin(node, at: index, isRoot: isRoot)
    while true {
      var value: Int
      switch begun {
      case .waiting(let new):
        waiting.append(new)
        begun = try begin(new.inputs[0], at: new.index, isRoot: false)
        continue
      case .value(let known): value = known
      }
      while true {
        guard var last = waiting.popLast() else { return value }
        last.operands.append(value)
        guard last.operands.count == last.inputs.count else {
          begun = try begin(last.inputs[last.operands.count], at: last.index, isRoot: false)
          waiting.append(last)
          break
        }
        value = finish(last)
        values[last.key] = value
      }
    }
  }

  /// A node whose operands are being computed, one after the other.
  private struct Waiting {
    let key: Key
    let inputs: [Int]
    /// Where the operands are wanted.
    let index: [LinearIndex]
    var operands: [Int] = []
  }
  private enum Begun {
    case value(Int)
    case waiting(Waiting)
  }

  private mutating func begin(_ node: Int, at index: [LinearIndex], isRoot: Bool) throws(FusionConflict) -> Begun {
    let index = index.map(resolved)
    if let value = own[node], !isRoot {
      guard index == identity.map(resolved) else { throw .readsOwnResult }
      return .value(value)
    }
    let key = Key(node: node, index: index)
    if let value = values[key] { return .value(value) }
    let begun = try isRoot || bufferOf[node] == nil ? expand(key) : .value(load(node, at: index))
    if case .value(let value) = begun { values[key] = value }
    return begun
  }

  private mutating func load(_ node: Int, at index: [LinearIndex]) -> Int {
    guard let buffer = bufferOf[node] else { return 0 }
    return emit(.load(access(buffer, at: index)), [], buffers[buffer].dtype)
  }

  private mutating func expand(_ key: Key) throws(FusionConflict) -> Begun {
    let definition = program.nodes[key.node]
    let dtype = definition.type.dtype
    inlined.insert(key.node)
    if let constant = definition.primitive as? Constant, let value = constant.scalar {
      return .value(emit(.scalar(.constant(ScalarConstant(value))), [], dtype))
    }
    if definition.primitive is any ElementwisePrimitive {
      let waiting = Waiting(key: key, inputs: definition.inputs, index: key.index)
      return definition.inputs.isEmpty ? .value(finish(waiting)) : .waiting(waiting)
    }
    if let primitive = definition.primitive as? any GeneratingPrimitive {
      return .value(generate(primitive, dtype, definition.type.shape, at: key.index))
    }
    if let view = definition.primitive as? any ViewPrimitive {
      return try follow(view, definition, key)
    }
    throw .needsMemory(key.node)
  }

  /// The value of a node whose operands are there.
  private mutating func finish(_ node: Waiting) -> Int {
    let definition = program.nodes[node.key.node]
    // A view's value is that of its operand.
    guard let primitive = definition.primitive as? any ElementwisePrimitive else { return node.operands[0] }
    let dtype = definition.type.dtype
    var builder = ScalarBuilder()
    let arguments = definition.inputs.enumerated().map { position, input in
      builder.emit(.operand(position), [], program.nodes[input].type.dtype)
    }
    let result = primitive.lower(arguments, dtype, into: &builder)
    return inline(builder.program, result.index, operands: node.operands, axes: [], position: LinearIndex())
  }

  private mutating func follow(
    _ view: any ViewPrimitive, _ node: Node, _ key: Key
  ) throws(FusionConflict) -> Begun {
    let source = node.inputs[0]
    if let found = operandIndex(view, node, at: key.index) {
      return .waiting(Waiting(key: key, inputs: [source], index: found))
    }
    // A dense buffer has the same row-major position whatever shape it is seen under.
    guard node.primitive is Reshape, let buffer = bufferOf[source], own[source] == nil else {
      throw .needsMemory(source)
    }
    var flat = LinearIndex()
    var stride: Dimension = 1
    for (position, extent) in zip(key.index, node.type.shape.dimensions).reversed() {
      flat = flat + position * stride
      stride = stride * extent
    }
    return .value(emit(.load(Access(buffer: buffer, index: flat)), [], buffers[buffer].dtype))
  }

  /// Where in its operand a view's element lies, loops being split if need be; nil if that is not linear in the loops.
  private mutating func operandIndex(
    _ view: any ViewPrimitive, _ node: Node, at index: [LinearIndex]
  ) -> [LinearIndex]? {
    let operand = program.nodes[node.inputs[0]].type.shape
    var splitter: any LoopSplitter = self
    let found = view.operandIndex(of: index, operand: operand, result: node.type.shape, loops: &splitter)
    if let changed = splitter as? KernelBuilder { self = changed }
    return found
  }

  private mutating func generate(
    _ primitive: any GeneratingPrimitive, _ dtype: DType, _ shape: Shape, at index: [LinearIndex]
  ) -> Int {
    var builder = ScalarBuilder()
    let axes = index.indices.map { builder.emit(.position(axis: $0), [], .int64) }
    let position = builder.emit(.position(axis: -1), [], .int64)
    let result = primitive.lower(axes: axes, position: position, dtype, into: &builder)
    var flat = LinearIndex()
    var stride: Dimension = 1
    for (part, extent) in zip(index, shape.dimensions).reversed() {
      flat = flat + part * stride
      stride = stride * extent
    }
    return inline(builder.program, result.index, operands: [], axes: index, position: flat)
  }

  /// Copies a scalar rule into the body, as far as its result needs it.
  private mutating func inline(
    _ scalar: ScalarProgram, _ result: Int, operands: [Int], axes: [LinearIndex], position: LinearIndex
  ) -> Int {
    var moved = [Int?](repeating: nil, count: scalar.instructions.count)
    func copy(_ at: Int, _ builder: inout KernelBuilder) -> Int {
      if let done = moved[at] { return done }
      let instruction = scalar.instructions[at]
      let target: Int
      switch instruction.operation {
      case .operand(let which): target = operands[which]
      case .position(let axis):
        target = builder.emit(.position(axis < 0 ? position : axes[axis]), [], .int64)
      default:
        var inputs: [Int] = []
        for input in instruction.operands { inputs.append(copy(input, &builder)) }
        target = builder.emit(.scalar(instruction.operation), inputs, instruction.dtype)
      }
      moved[at] = target
      return target
    }
    return copy(result, &self)
  }

  private mutating func emit(_ operation: KernelInstruction.Operation, _ operands: [Int], _ dtype: DType) -> Int {
    let instruction = KernelInstruction(operation: operation, operands: operands, dtype: dtype)
    if let value = known[instruction] { return value }
    instructions.append(instruction)
    known[instruction] = instructions.count - 1
    return instructions.count - 1
  }

  // MARK: Splitting loops

  mutating func split(_ index: LinearIndex, outer: Dimension, inner: Dimension) -> (LinearIndex, LinearIndex)? {
    var index = resolved(index)
    guard !index.constant.isSymbolic, let innerValue = inner.value else { return splitSymbolic(index, inner) }
    // Split any loop that steps over a multiple of `inner` only after some steps.
    for (loop, factor) in index.coefficients.sorted(by: { $0.key < $1.key }) {
      guard let step = factor.value, step > 0, step < innerValue, innerValue.isMultiple(of: step),
        let position = loops.firstIndex(where: { $0.id == loop }),
        let extent = loops[position].extent.dividedExactly(by: Dimension(innerValue / step)), extent != 1
      else { continue }
      splitLoop(position, outer: extent, inner: Dimension(innerValue / step))
      index = resolved(index)
    }
    var quotient = LinearIndex(0)
    var remainder = LinearIndex(0)
    var largest = 0
    for (loop, factor) in index.coefficients {
      if let multiple = factor.dividedExactly(by: inner) {
        quotient = quotient + LinearIndex(0, [loop: multiple])
      } else if let step = factor.value, step > 0,
        let extent = loops.first(where: { $0.id == loop })?.extent.value
      {
        largest += step * (extent - 1)
        remainder = remainder + LinearIndex(0, [loop: factor])
      } else {
        return nil
      }
    }
    let constant = index.constant.constant
    guard constant >= 0, largest + constant % innerValue < innerValue else { return nil }
    return (
      quotient + LinearIndex(Dimension(constant / innerValue)),
      remainder + LinearIndex(Dimension(constant % innerValue))
    )
  }

  /// By a symbolic extent only whole multiples and a loop of just that extent can be told apart.
  private func splitSymbolic(_ index: LinearIndex, _ inner: Dimension) -> (LinearIndex, LinearIndex)? {
    guard index.constant == 0 else { return nil }
    var quotient = LinearIndex(0)
    var remainder: LinearIndex?
    for (loop, factor) in index.coefficients {
      if let multiple = factor.dividedExactly(by: inner) {
        quotient = quotient + LinearIndex(0, [loop: multiple])
      } else if factor == 1, remainder == nil, loops.first(where: { $0.id == loop })?.extent == inner {
        remainder = LinearIndex(loop: loop)
      } else {
        return nil
      }
    }
    return (quotient, remainder ?? LinearIndex(0))
  }

  private mutating func splitLoop(_ position: Int, outer: Dimension, inner: Dimension) {
    let old = loops[position]
    let (first, second) = (nextLoop, nextLoop + 1)
    nextLoop += 2
    loops[position] = Loop(id: first, extent: outer, isReduction: old.isReduction)
    loops.insert(Loop(id: second, extent: inner, isReduction: old.isReduction), at: position + 1)
    replacements[old.id] = LinearIndex(loop: first) * inner + LinearIndex(loop: second)
  }

  /// The instructions with all loop splits applied; those that thereby became equal are one. Also where each went.
  private func resolvedInstructions() -> ([KernelInstruction], [Int]) {
    var result: [KernelInstruction] = []
    var known: [KernelInstruction: Int] = [:]
    var newIndex: [Int] = []
    for instruction in instructions {
      var instruction = instruction
      instruction.operands = instruction.operands.map { newIndex[$0] }
      switch instruction.operation {
      case .load(let access):
        instruction.operation = .load(Access(buffer: access.buffer, index: resolved(access.index)))
      case .position(let index): instruction.operation = .position(resolved(index))
      case .scalar: break
      }
      if known[instruction] == nil {
        known[instruction] = result.count
        result.append(instruction)
      }
      newIndex.append(known[instruction] ?? 0)
    }
    return (result, newIndex)
  }

  /// The finished kernel.
  func kernel(_ outputs: [KernelOutput]) -> Kernel {
    let (instructions, newIndex) = resolvedInstructions()
    let outputs = outputs.map { output in
      var output = output
      output.value = newIndex[output.value]
      output.access.index = resolved(output.access.index)
      return output
    }
    let ordered = loops.filter { $0.extent != 1 && !$0.isReduction } + loops.filter { $0.extent != 1 && $0.isReduction }
    let kernel = Kernel(
      loops: ordered, body: .map(instructions: instructions, outputs: outputs),
      nodes: (inlined.union(outputs.map(\.node))).sorted())
    return kernel.withCollapsedLoops()
  }
}

extension Kernel {
  /// The kernel with neighbouring loops made one where every access walks through both in even steps. A loop over a batch,
  /// outermost or combined over, stays on its own, for tiles are cut from it.
  func withCollapsedLoops() -> Kernel {
    var kernel = self
    var position = 0
    while position + 1 < kernel.loops.count {
      let (outer, inner) = (kernel.loops[position], kernel.loops[position + 1])
      let isTiled = (position == 0 || outer.isReduction) && outer.extent.isSymbolic
      let indices = kernel.accesses.map(\.index) + kernel.positions
      let isEven = indices.allSatisfy {
        ($0.coefficients[outer.id] ?? 0) == ($0.coefficients[inner.id] ?? 0) * inner.extent
      }
      guard !isTiled, outer.isReduction == inner.isReduction, isEven else {
        position += 1
        continue
      }
      kernel.loops[position] = Loop(id: inner.id, extent: outer.extent * inner.extent, isReduction: outer.isReduction)
      kernel.loops.remove(at: position + 1)
      kernel = kernel.mappingIndices { LinearIndex($0.constant, $0.coefficients.filter { $0.key != outer.id }) }
      position = max(0, position - 1)
    }
    return kernel
  }

  private var positions: [LinearIndex] {
    guard case .map(let instructions, _) = body else { return [] }
    return instructions.compactMap { if case .position(let index) = $0.operation { index } else { nil } }
  }

  /// The map with its buffers numbered anew.
  func mappingBuffers(_ map: (Int) -> Int) -> Kernel {
    guard case .map(var instructions, var outputs) = body else { return self }
    for at in instructions.indices {
      guard case .load(var access) = instructions[at].operation else { continue }
      access.buffer = map(access.buffer)
      instructions[at].operation = .load(access)
    }
    for at in outputs.indices { outputs[at].access.buffer = map(outputs[at].access.buffer) }
    var kernel = self
    kernel.body = .map(instructions: instructions, outputs: outputs)
    return kernel
  }

  /// The kernel with a function applied to all its indices.
  func mappingIndices(_ map: (LinearIndex) -> LinearIndex) -> Kernel {
    var kernel = self
    func moved(_ access: Access) -> Access { Access(buffer: access.buffer, index: map(access.index)) }
    switch body {
    case .map(var instructions, var outputs):
      for at in instructions.indices {
        switch instructions[at].operation {
        case .load(let access): instructions[at].operation = .load(moved(access))
        case .position(let index): instructions[at].operation = .position(map(index))
        case .scalar: break
        }
      }
      for at in outputs.indices { outputs[at].access = moved(outputs[at].access) }
      kernel.body = .map(instructions: instructions, outputs: outputs)
    case .contraction(var contraction):
      contraction.left = moved(contraction.left)
      contraction.right = moved(contraction.right)
      contraction.result = moved(contraction.result)
      kernel.body = .contraction(contraction)
    case .nest, .scan: break
    }
    return kernel
  }
}
