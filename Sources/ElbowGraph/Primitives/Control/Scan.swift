import ElbowArrays

/// A loop of a fixed number of steps, each of which makes new carries of the old ones: JAX's `scan`.
///
///     carries = initial
///     for step in 0..<count { (carries, outputs[step]) = body(step, carries, rows[step], captures) }
///
/// The operands are the initial carries, then the sequences, whose leading extent is the number of steps, then what the body
/// reads besides. A node has one result; a loop that leaves several is several nodes with the same body and operands, which
/// are compiled to one loop.
public struct Scan: Primitive {
  public static let name = "scan"

  /// Which of a loop's results a node is.
  public enum Result: Sendable, Hashable {
    /// A carry after the last step.
    case last(Int)
    /// A carry as each step found it, one below the other: what a gradient needs.
    case before(Int)
    /// An output that the steps left besides, one below the other.
    case output(Int)
  }

  /// The computation of one step.
  public var body: ScanBody
  /// The number of steps.
  public let count: Int
  /// Whether it begins with the last step.
  public let isReversed: Bool
  /// How many of the operands are sequences.
  public let rowCount: Int
  /// The result of the loop that this node is.
  public let result: Result

  /// One result of a loop.
  ///
  /// - Parameters:
  ///   - body: The computation of one step.
  ///   - count: The number of steps, at least 1.
  ///   - isReversed: Whether it begins with the last step.
  ///   - rowCount: How many of the operands are sequences.
  ///   - result: The result of the loop that the node is.
  public init(_ body: ScanBody, count: Int, isReversed: Bool, rowCount: Int, result: Result) {
    self.body = body
    self.count = count
    self.isReversed = isReversed
    self.rowCount = rowCount
    self.result = result
  }

  public init(attributes: Attributes) throws {
    let carries = try attributes.integer("carries")
    body = try ScanBody(attributes.required("body") { $0 }, carryCount: carries)
    count = try attributes.integer("count")
    isReversed = try attributes.flag("reversed")
    rowCount = try attributes.integer("rows")
    let index = try attributes.integer("index")
    switch try attributes.string("result") {
    case "last": result = .last(index)
    case "before": result = .before(index)
    case "output": result = .output(index)
    default: throw ElbowError(.file, "The result of a loop is 'last', 'before' or 'output'.")
    }
    guard count >= 1, count < 1 << 31, (0..<1 << 20).contains(rowCount) else {
      throw ElbowError(.file, "A loop has between 1 and \(1 << 31) steps, and no more than \(1 << 20) sequences.")
    }
  }

  public var attributes: Attributes {
    let (kind, index) =
      switch result {
      case .last(let index): ("last", index)
      case .before(let index): ("before", index)
      case .output(let index): ("output", index)
      }
    return [
      "body": body.attribute, "carries": .integer(body.carryCount), "count": .integer(count),
      "reversed": .flag(isReversed), "rows": .integer(rowCount), "result": .string(kind), "index": .integer(index),
    ]
  }

  /// The body's name for an operand.
  public func input(_ operand: Int) -> String {
    if operand < body.carryCount { return ScanBody.carry(operand) }
    let row = operand - body.carryCount
    return row < rowCount ? ScanBody.row(row) : ScanBody.capture(row - rowCount)
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    let carries = body.carryCount
    guard operands.count >= carries + rowCount else {
      throw OperandError(.invalidArgument, "it takes at least \(carries + rowCount) operands")
    }
    var known = [ScanBody.step: TensorType(.int32, .scalar)]
    for (index, operand) in operands.enumerated() {
      var type = operand
      if (carries..<carries + rowCount).contains(index) {
        guard operand.shape.rank > 0, operand.shape.dimensions[0] == Dimension(count) else {
          throw OperandError(.shape, "a sequence is \(operand), but there are \(count) steps")
        }
        type.shape = operand.shape[1..<operand.shape.rank]
      }
      known[input(index)] = type
    }
    for placeholder in body.program.inputs {
      guard known[placeholder.name] == placeholder.type else {
        throw OperandError(.shape, "'\(placeholder.name)' of its body is \(placeholder.type), but the operand is not")
      }
    }
    for index in 0..<carries where body.resultType(index) != operands[index] {
      throw OperandError(
        .shape, "carry \(index) is \(operands[index]), but the body leaves \(body.resultType(index)) of it")
    }
    switch result {
    case .last(let index) where (0..<carries).contains(index): return operands[index]
    case .before(let index) where (0..<carries).contains(index): return stacked(operands[index])
    case .output(let index) where (0..<body.outputCount).contains(index):
      return stacked(body.resultType(carries + index))
    default: throw OperandError(.invalidArgument, "it has no such result")
    }
  }

  private func stacked(_ row: TensorType) -> TensorType {
    TensorType(row.dtype, Shape([Dimension(count)] + row.shape.dimensions))
  }

  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let program = body.program.substituting(context.bindings.mapValues { Dimension($0) })
    var carries = [HostArray](context.inputs[..<body.carryCount])
    var rows = [[UInt8]](repeating: [], count: count)
    for step in isReversed ? (0..<count).reversed() : [Int](0..<count) {
      var feeds = [ScanBody.step: HostArray(scalar: Int32(step))]
      for (index, operand) in context.inputs.enumerated() {
        let name = input(index)
        feeds[name] =
          index < body.carryCount
          ? carries[index] : index < body.carryCount + rowCount ? try operand.row(step) : operand
      }
      let evaluator = ReferenceEvaluator(program, arithmetic: context.arithmetic.within(step))
      let results = try evaluator.run(bound: feeds, random: context.random).outputs
      if case .before(let index) = result { rows[step] = carries[index].bytes }
      if case .output(let index) = result { rows[step] = results[ScanBody.output(index)]?.bytes ?? [] }
      carries = carries.indices.map { results[ScanBody.carry($0)] ?? carries[$0] }
    }
    if case .last(let index) = result { return carries[index] }
    return try HostArray(dtype: context.dtype, shape: context.shape, bytes: [UInt8](rows.joined()))
  }
}

extension Scan {
  /// A recurrence over a batch that reads a sequence and a matrix, with all that it leaves.
  public static var samples: [PrimitiveSample] {
    [TensorType(.float64, [2, 3]), TensorType(.float32, [4, 2])].flatMap { carry -> [PrimitiveSample] in
      let graph = Graph()
      let sequence = graph.zeros(Shape([5, carry.shape.dimensions[0], 1]), dtype: carry.dtype)
      let matrix = graph.zeros(Shape([carry.shape.dimensions[1], carry.shape.dimensions[1]]), dtype: carry.dtype)
      let loop = graph.scan(
        from: [graph.zeros(carry.shape, dtype: carry.dtype)], over: [sequence], isReversed: carry.dtype == .float32
      ) { _, carries, rows in
        let next = tanh(matmul(carries[0], matrix) + rows[0])
        return (carries: [next], outputs: [next * rows[0]])
      }
      return (loop.last + loop.outputs).flatMap { result -> [PrimitiveSample] in
        guard let scan = result.node.primitive as? Scan else { return [] }
        let operands = result.node.inputs.map { Tensor(graph: graph, id: $0).type }
        let results: [Result] = scan.result == .last(0) ? [.last(0), .before(0)] : [.output(0)]
        return results.map {
          PrimitiveSample(scan.with($0), operands, isDifferentiable: carry.dtype == .float64)
        }
      }
    }
  }
}

extension HostArray {
  /// The part of the array at a position of its first axis.
  fileprivate func row(_ index: Int) throws -> HostArray {
    let rest = [Int](shape.dropFirst())
    let size = rest.reduce(dtype.byteCount, *)
    return try HostArray(dtype: dtype, shape: rest, bytes: [UInt8](bytes[index * size..<(index + 1) * size]))
  }
}
