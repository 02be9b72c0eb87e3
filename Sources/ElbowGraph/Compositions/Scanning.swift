import ElbowArrays

/// The results of a loop.
public struct ScanResult {
  /// The carries after the last step.
  public let last: [Tensor]
  /// The outputs of the steps: a leading axis of as many elements as there are steps comes before the axes of one step's.
  public let outputs: [Tensor]
}

extension Graph {
  /// A loop of a fixed number of steps, compiled to a loop: JAX's `scan`.
  ///
  ///     // Fibonacci numbers.
  ///     let loop = graph.scan(from: [graph.constant(0), graph.constant(1)], count: 10) { _, carries, _ in
  ///       (carries: [carries[1], carries[0] + carries[1]], outputs: [carries[0]])
  ///     }
  ///     loop.outputs[0]  // float32[10]
  ///
  /// The body is called once, to write down what a step does. What it uses of the graph besides its arguments is computed
  /// once, before the loop. Random numbers are drawn before the loop as well, all steps' at once, and given as a sequence.
  /// Gradients are loops, too; for them the carries of all steps are kept.
  ///
  /// - Parameters:
  ///   - initial: The carries that the first step finds.
  ///   - sequences: Tensors whose leading extent is the number of steps; a step gets a row of each.
  ///   - count: The number of steps; may be left out where there are sequences.
  ///   - isReversed: Whether the last step is the first.
  ///   - body: Given the step, an int32 scalar, the carries and the rows, yields the carries for the next step, of the same
  ///     types, and what else to keep of the step.
  public func scan(
    from initial: [Tensor], over sequences: [Tensor] = [], count: Int? = nil, isReversed: Bool = false,
    _ body: (_ step: Tensor, _ carries: [Tensor], _ rows: [Tensor]) -> (carries: [Tensor], outputs: [Tensor])
  ) -> ScanResult {
    located {
      ScanTracer(self, initial: initial, sequences: sequences, isReversed: isReversed).trace(count, body)
    }
  }

  /// Writes down the operations of a loop's body once more, on other operands.
  func replay(_ body: ScanBody, step: Tensor, operands: [String: Tensor]) -> [Tensor] {
    var tensors: [Tensor] = []
    for node in body.program.nodes {
      if let placeholder = node.primitive as? Placeholder {
        tensors.append(placeholder.input == ScanBody.step ? step : operands[placeholder.input] ?? invalid())
        continue
      }
      let primitive = node.primitive.substituting(symbolReplacements) ?? node.primitive
      tensors.append(located(at: node.source) { apply(primitive, node.inputs.map { tensors[$0] }) })
    }
    return body.program.outputs.map { tensors[$0.node] }
  }
}

/// Turns the operations that a closure adds to a graph into the body of a loop.
private struct ScanTracer {
  let graph: Graph
  let initial: [Tensor]
  let sequences: [Tensor]
  let isReversed: Bool

  typealias Results = (carries: [Tensor], outputs: [Tensor])

  init(_ graph: Graph, initial: [Tensor], sequences: [Tensor], isReversed: Bool) {
    self.graph = graph
    self.initial = initial
    self.sequences = sequences
    self.isReversed = isReversed
  }

  func trace(_ count: Int?, _ body: (Tensor, [Tensor], [Tensor]) -> Results) -> ScanResult {
    guard (initial + sequences).allSatisfy({ $0.isValid && $0.graph === graph }) else { return failed(nil) }
    guard let count = count ?? sequences.first?.shape.dimensions.first?.value, count >= 1, count < 1 << 31 else {
      return failed("'scan' needs a number of steps of at least 1: give 'count', or sequences of a known length.")
    }
    if let bad = sequences.first(where: { $0.rank == 0 || $0.shape.dimensions[0] != Dimension(count) }) {
      return failed(
        "'scan' takes \(count) steps, but goes over a sequence of type \(bad.type), which has not as many rows.")
    }
    let first = graph.nodes.count
    let loop = graph.nextLoop()
    func leaf(_ name: String, _ type: TensorType) -> Tensor {
      graph.apply(LoopLeaf(loop: loop, input: name, type: type), [])
    }
    let step = leaf(ScanBody.step, TensorType(.int32, .scalar))
    let carries = initial.enumerated().map { leaf(ScanBody.carry($0), $1.type) }
    let rows = sequences.enumerated().map { leaf(ScanBody.row($0), TensorType($1.dtype, $1.shape[1..<$1.rank])) }
    var results = body(step, carries, rows)
    guard (results.carries + results.outputs).allSatisfy({ $0.isValid && $0.graph === graph }) else {
      return failed(nil)
    }
    if let mistake = mistake(results, after: first) { return failed(mistake) }
    // The same extents by the same symbols.
    results.carries = zip(results.carries, initial).map { $0.broadcast(to: $1.shape) }
    let (traced, captures) = collect(results.carries + results.outputs, from: first, loop)
    let operands = initial + sequences + captures
    func result(_ result: Scan.Result) -> Tensor {
      graph.apply(Scan(traced, count: count, isReversed: isReversed, rowCount: rows.count, result: result), operands)
    }
    return ScanResult(
      last: initial.indices.map { result(.last($0)) }, outputs: results.outputs.indices.map { result(.output($0)) })
  }

  /// A loop that cannot be made; the mistake is recorded already if there is no message.
  private func failed(_ message: String?) -> ScanResult {
    let tensor = message.map { graph.invalid(.invalidArgument, $0) } ?? graph.invalid()
    return ScanResult(last: initial.map { _ in tensor }, outputs: [Tensor](repeating: tensor, count: 16))
  }

  private func mistake(_ results: Results, after first: Int) -> String? {
    guard results.carries.count == initial.count else {
      return "The body of 'scan' returned \(results.carries.count) carries, but the loop began with \(initial.count)."
    }
    for (index, (old, new)) in zip(initial, results.carries).enumerated() where old.type != new.type {
      return "The body of 'scan' turned carry \(index), \(old.type), into \(new.type); its type has to stay the same."
    }
    if drawsRandomNumbers(results.carries + results.outputs, from: first) {
      return "The body of 'scan' draws random numbers, which would be the same in every step; draw them for all steps "
        + "before the loop and give them as a sequence."
    }
    return nil
  }

  /// Whether results depend on numbers that the body draws. Weights that a layer makes in it may begin with some.
  private func drawsRandomNumbers(_ results: [Tensor], from first: Int) -> Bool {
    var waiting = results.map(\.id)
    var seen = Set(waiting)
    while let id = waiting.popLast() {
      guard id >= first else { continue }
      if graph.nodes[id].primitive is RandomBits { return true }
      for input in graph.nodes[id].inputs where seen.insert(input).inserted { waiting.append(input) }
    }
    return false
  }

  /// The nodes that results are computed from and that depend on the loop, as a body, and what they read of the others.
  private func collect(_ results: [Tensor], from first: Int, _ loop: Int) -> (ScanBody, captures: [Tensor]) {
    let depends = dependentNodes(from: first, loop)
    var nodes: [Node] = []
    var place: [Int: Int] = [:]
    var captures: [Tensor] = []
    for id in needed(by: results, depends).sorted() {
      var node = graph.nodes[id]
      if let leaf = node.primitive as? LoopLeaf, leaf.loop == loop {
        node.primitive = Placeholder(leaf.input, type: leaf.type)
      } else if depends.contains(id) {
        node.inputs = node.inputs.compactMap { place[$0] }
      } else if !(node.primitive is Constant) {
        let tensor = Tensor(graph: graph, id: id)
        node = Node(
          Placeholder(ScanBody.capture(captures.count), type: tensor.type), inputs: [], type: tensor.type,
          source: node.source)
        captures.append(tensor)
      }
      place[id] = nodes.count
      nodes.append(node)
    }
    let body = ScanBody(
      nodes: nodes, results: results.compactMap { place[$0.id] }, carryCount: initial.count)
    let program = body.program.substituting(graph.symbolReplacements)
    return (ScanBody(program, carryCount: initial.count, outputCount: body.outputCount), captures)
  }

  /// The results, what they are computed from in the loop, and what that reads.
  private func needed(by results: [Tensor], _ depends: Set<Int>) -> Set<Int> {
    var found = Set(results.map(\.id))
    var waiting = [Int](found)
    while let id = waiting.popLast() {
      guard depends.contains(id) else { continue }
      for input in graph.nodes[id].inputs where found.insert(input).inserted { waiting.append(input) }
    }
    return found
  }

  private func dependentNodes(from first: Int, _ loop: Int) -> Set<Int> {
    var depends: Set<Int> = []
    for id in first..<graph.nodes.count {
      let node = graph.nodes[id]
      if (node.primitive as? LoopLeaf)?.loop == loop || node.inputs.contains(where: depends.contains) {
        depends.insert(id)
      }
    }
    return depends
  }
}
