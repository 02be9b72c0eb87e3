import ElbowArrays
import ElbowGraph

/// Writes one graph, operation by operation, and computes it on the way: what is not exact in exact mode, or not finite, or
/// too large, is not used.
struct Composer {
  let graph = Graph()
  let mode: FuzzMode
  let run: RunSetup
  var random: RandomChoices
  /// The tensors that operands are drawn from, in the order of making.
  private(set) var pool: [Tensor] = []
  /// How often each operation was written and found useful.
  private(set) var used: [String: Int] = [:]
  /// The extents that shapes are made of: few, so that they meet.
  let extents: [Int]
  /// The tensor that the next operation takes first if it fits.
  var focus: Tensor?
  /// New values of variables, which layers ask for.
  var updates: [VariableUpdate] = []

  private var values: [Int: HostArray] = [:]
  /// The nodes that other useful nodes read.
  private var readNodes: Set<Int> = []
  private var evaluatedCount = 0
  private var inputCount = 0

  /// The most elements of a value, when symbols have the values of the run.
  static let elementLimit = 3000
  /// How many nodes a graph has before it is not differentiated any more.
  static let nodeLimit = 250
  /// The most products of a contraction.
  static let workLimit = 150_000

  init(mode: FuzzMode, run: RunSetup, random: RandomChoices) {
    self.mode = mode
    self.run = run
    self.random = random
    var choices = random
    extents = (0..<choices.integer(in: 3...5)).map { _ in
      choices.pick(1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 20, 31, 32, 33, 64)
    }
    for _ in 0..<8 { _ = self.random.bits() }
  }

  // MARK: Writing

  /// Begins with a few inputs.
  mutating func writeInputs() {
    for rank in [1...3, 2...4] { _ = input(floatType, shape(rank: rank)) }
  }

  /// Writes an operation down and keeps what of its results can be used.
  mutating func write(_ operation: Operation) {
    let results = graph.located(at: .unknown) { operation.write(&self) }
    evaluate()
    var isUsed = false
    for result in results where isUsable(result) {
      pool.append(result)
      isUsed = true
    }
    if isUsed { used[operation.name, default: 0] += 1 }
  }

  /// Writes some operations one after the other, each of what the one before made, which nothing else reads.
  mutating func chain(_ first: [Operation], then followers: [Operation]) -> [Tensor] {
    var last = random.pick(from: first, weight: \.weight).flatMap { $0.write(&self).last }
    for _ in 0..<random.pick(1, 1, 2, 3) {
      guard let known = last, known.isValid else { return [] }
      evaluate()
      guard values[known.id] != nil else { return [] }
      focus = known
      let next = random.pick(from: followers)?.write(&self).last
      focus = nil
      // An operation that does not fit is left out.
      if let next, next.isValid { last = next }
    }
    return last.map { [$0] } ?? []
  }

  /// Computes the nodes that are new, as far as they can be used.
  mutating func evaluate() {
    let bindings = bindings
    let data = InputData(mode: mode, seed: run.data)
    while evaluatedCount < graph.nodes.count {
      defer { evaluatedCount += 1 }
      var node = graph.nodes[evaluatedCount]
      let operands = node.inputs.compactMap { values[$0] }
      guard Tensor(graph: graph, id: evaluatedCount).isValid, operands.count == node.inputs.count else { continue }
      let fixed = graph.symbolReplacements.merging(bindings.mapValues { Dimension($0) }) { first, _ in first }
      let shape = node.type.shape.substituting(graph.symbolReplacements).substituting(fixed)
      guard let extents = shape.extents, extents.reduce(1, *) <= Composer.elementLimit * 4 else { continue }
      node.type.shape = shape
      node.primitive = node.primitive.substituting(graph.symbolReplacements) ?? node.primitive
      node.primitive = node.primitive.substituting(bindings.mapValues { Dimension($0) }) ?? node.primitive
      values[evaluatedCount] = try? value(of: node, operands, extents, data)
      if values[evaluatedCount] != nil { readNodes.formUnion(node.inputs) }
    }
  }

  private func value(
    of node: Node, _ operands: [HostArray], _ extents: [Int], _ data: InputData
  ) throws -> HostArray? {
    let value: HostArray
    if let placeholder = node.primitive as? Placeholder {
      let declared = graph.placeholders.first { $0.name == placeholder.input }
      value = try declared?.defaultValue ?? data.array(placeholder.input, node.type.dtype, extents)
    } else if let read = node.primitive as? ReadVariable {
      guard let declared = graph.variables.first(where: { $0.name == read.variable }),
        let initial = values[declared.initialValue]
      else { return nil }
      value = initial
    } else {
      value = try NodeEvaluation.value(
        of: node, operands, feeds: [:], state: [:], random: RandomState(seed: run.data))
    }
    switch mode {
    case .exact: return try Exactness.holds(node, operands, value) ? value : nil
    // A value on the way to a result may be larger than a result: a draw begins as an integer.
    case .smooth: return Composer.isWithin(Composer.greatestOnTheWay, value) ? value : nil
    }
  }

  static let greatestOnTheWay = 1e10
  private static let greatestResult = 1e4

  static func isWithin(_ bound: Double, _ value: HostArray) -> Bool {
    !value.dtype.isFloatingPoint || value.doubles.allSatisfy { $0.magnitude <= bound }
  }

  /// Whether later operations can use what an operation gives.
  private func isUsable(_ result: Tensor) -> Bool {
    guard result.isValid, let value = values[result.id], !pool.contains(result) else { return false }
    return mode == .exact || Composer.isWithin(Composer.greatestResult, value)
  }

  /// The symbols of batches, in alphabetical order, of names that graph files can have.
  static let batches = ["n", "n3"]

  /// The values of the symbols. Those of batches have theirs before an input has them, or no shape with a batch would fit.
  var bindings: [String: Int] {
    let replaced = graph.symbolReplacements
    var symbols = Set(Composer.batches.filter { replaced[$0] == nil })
    for placeholder in graph.placeholders {
      symbols.formUnion(placeholder.type.shape.substituting(graph.symbolReplacements).symbols)
    }
    return run.bindings(symbols.sorted())
  }

  /// The value of a tensor in the run that the graph is made for; nil if it has none that can be used.
  func value(of tensor: Tensor) -> HostArray? { values[tensor.id] }

  /// The number of elements in that run.
  func elementCount(_ shape: Shape) -> Int {
    shape.evaluated(with: bindings)?.reduce(1) { min($0 * max($1, 0), 1 << 40) } ?? 1 << 40
  }
  /// The extent in that run.
  func extent(_ dimension: Dimension) -> Int { dimension.evaluated(with: bindings) ?? 1 << 40 }
  func fits(_ shape: Shape) -> Bool { elementCount(shape) <= Composer.elementLimit }

  // MARK: Operands

  /// An earlier value for which a condition holds, rather a late one than an early one; nil if there is none.
  mutating func earlier(where isFitting: (Tensor) -> Bool = { _ in true }) -> Tensor? {
    if let focus, isFitting(focus), random.chance(0.95) { return focus }
    let fitting = pool.filter(isFitting)
    // Rather what nothing reads so far: chains get long, and values with one user are fused with it.
    if random.chance(0.65), let found = random.pick(from: fitting.suffix(8).filter { !readNodes.contains($0.id) }) {
      return found
    }
    if random.chance(0.5) { return random.pick(from: [Tensor](fitting.suffix(3))) }
    return random.pick(from: fitting)
  }

  /// One of the last values that nothing reads.
  mutating func unused() -> Tensor? {
    random.chance(0.8) ? random.pick(from: pool.suffix(8).filter { !readNodes.contains($0.id) }) : nil
  }

  /// A number: one of the pool, or a new input.
  mutating func floating(rank: ClosedRange<Int> = 0...4) -> Tensor? {
    if random.chance(0.93), let found = earlier(where: { $0.dtype.isFloatingPoint && rank.contains($0.rank) }) {
      return found
    }
    return input(floatType, shape(rank: rank))
  }

  /// Floats are mostly float32.
  var floatType: DType { mutating get { random.chance(0.8) ? .float32 : .float64 } }

  /// A tensor of a type: one of the pool if there is any, or else an input.
  mutating func tensor(_ type: TensorType) -> Tensor? {
    if random.chance(0.75), let found = earlier(where: { $0.type == type }) { return found }
    return input(type.dtype, type.shape)
  }

  /// A random shape of the graph's extents that is not too large; the first axis is a batch mostly.
  mutating func shape(rank: ClosedRange<Int>) -> Shape {
    // Matrices whose rows are a batch are what models are made of.
    let count = random.chance(0.4) && rank.contains(2) ? 2 : random.integer(in: rank)
    var dimensions: [Dimension] = (0..<count).map { _ in Dimension(extent()) }
    if count > 0, random.chance(count == 1 ? 0.3 : 0.7) { dimensions[0] = batch() }
    while !fits(Shape(dimensions)), let axis = dimensions.indices.dropFirst().last(where: { dimensions[$0] != 1 }) {
      dimensions[axis] = Dimension(max(1, extent(dimensions[axis]) / 3))
    }
    return Shape(dimensions)
  }

  mutating func extent() -> Int { random.pick(from: extents) ?? 3 }

  /// A symbol: the batch nearly always.
  mutating func batch() -> Dimension {
    graph.canonical(Dimension(symbol: Composer.batches[random.chance(0.9) ? 0 : 1]))
  }

  /// Something new: a placeholder nearly always, or a variable or a constant.
  mutating func input(_ dtype: DType, _ shape: Shape) -> Tensor? {
    guard fits(shape) || elementCount(shape) <= Composer.elementLimit * 2 else { return nil }
    inputCount += 1
    var choice = random.below(10)
    if shape.extents == nil { choice = 9 }
    let tensor: Tensor
    switch choice {
    case 0: tensor = constant(dtype, shape)
    case 1, 2:
      tensor = graph.variable("v\(inputCount)", initialValue: constant(dtype, shape), role: .parameter)
    default: tensor = graph.declarePlaceholder("x\(inputCount)", TensorType(dtype, shape), defaultValue: nil)
    }
    evaluate()
    guard tensor.isValid, values[tensor.id] != nil else { return nil }
    pool.append(tensor)
    return tensor
  }

  private mutating func constant(_ dtype: DType, _ shape: Shape) -> Tensor {
    let data = InputData(mode: mode, seed: random.bits())
    guard let extents = shape.extents, let value = try? data.array("constant", dtype, extents) else {
      return graph.invalid()
    }
    if value.count > 32 || random.chance(0.2) {
      return graph.constant(mode == .exact ? Double(random.integer(in: -2...3)) : 0.7, dtype: dtype).broadcast(
        to: shape)
    }
    return graph.constant(value)
  }
}
