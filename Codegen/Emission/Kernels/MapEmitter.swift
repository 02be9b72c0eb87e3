import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes a map kernel: loops around straight-line vector code. One loop is taken `EL_LANES` steps at a time; all values are
/// vectors, those that do not depend on that loop with equal lanes, and each is computed in the outermost loop it can be.
///
/// A value combined along that loop has `EL_SUM_LANES` lanes on every processor, and its totals are `EL_PARTS` vectors. A part
/// of a slice of the batch is combined row by row, so that it does not show which rows a tile has.
struct MapEmitter {
  let context: KernelContext
  let kernel: Kernel
  private let instructions: [KernelInstruction]
  private let outputs: [KernelOutput]
  /// The loops in the order they are written.
  private let order: [Loop]
  /// The position in `order` of the loop taken in vectors; nil if the kernel has no loops.
  private let vector: Int?
  /// How many loops each instruction is inside of.
  private let depth: [Int]
  private let uses: [Int]
  /// An instruction that uses each one's value.
  private let users: [Int?]
  /// How deep each instruction's expression is nested, as far as operands are written where they are used.
  private let nesting: [Int]
  /// Whether the kernel is given columns as well as rows to work on: a tile of a contraction's result.
  let isBoxed: Bool

  init(
    _ context: KernelContext, _ kernel: Kernel, _ instructions: [KernelInstruction], _ outputs: [KernelOutput],
    isBoxed: Bool = false
  ) {
    self.isBoxed = isBoxed
    self.context = context
    self.kernel = kernel
    self.instructions = instructions
    // Over no loop at all nothing is combined.
    let isCombined = kernel.loops.contains(where: \.isReduction)
    self.outputs = outputs.map { output in
      var output = output
      if !isCombined { output.reduction = nil }
      return output
    }
    let chosen = kernel.vectorLoop
    let rows = kernel.slicedRows
    var order = kernel.loops.filter { !$0.isReduction }
    let reductions = kernel.loops.filter { $0.isReduction && $0.id != rows?.id }
    if let chosen, let at = order.firstIndex(where: { $0.id == chosen }) {
      // The loop over lanes is the innermost of those over results.
      order.append(order.remove(at: at))
      order += reductions
    } else if let chosen, let at = reductions.firstIndex(where: { $0.id == chosen }) {
      var rest = reductions
      rest.append(rest.remove(at: at))
      order += rest
    } else {
      order += reductions
    }
    if let rows { order.insert(rows, at: 0) }
    self.order = order
    vector = chosen.flatMap { id in order.firstIndex { $0.id == id } }
    depth = MapEmitter.depths(instructions, order)
    var uses = [Int](repeating: 0, count: instructions.count)
    var users = [Int?](repeating: nil, count: instructions.count)
    for (index, instruction) in instructions.enumerated() {
      for operand in instruction.operands {
        uses[operand] += 1
        users[operand] = users[operand] ?? index
      }
    }
    for output in outputs { uses[output.value] += 2 }
    var nesting: [Int] = []
    for instruction in instructions {
      let nested = instruction.operands.filter { MapEmitter.isNestable(instructions[$0]) && uses[$0] == 1 }
      nesting.append(1 + (nested.map { nesting[$0] }.max() ?? 0))
    }
    (self.uses, self.users, self.nesting) = (uses, users, nesting)
  }

  private static func depths(_ instructions: [KernelInstruction], _ order: [Loop]) -> [Int] {
    let place = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1.id, $0 + 1) })
    var depths: [Int] = []
    for instruction in instructions {
      var depth = instruction.operands.map { depths[$0] }.max() ?? 0
      switch instruction.operation {
      case .load(let access): for loop in access.index.coefficients.keys { depth = max(depth, place[loop] ?? 0) }
      case .position(let index): for loop in index.coefficients.keys { depth = max(depth, place[loop] ?? 0) }
      case .scalar: break
      }
      depths.append(depth)
    }
    return depths
  }

  // MARK: Writing

  /// The body of the kernel's function.
  func body() -> [CStatement] {
    var statements = context.prologue(kernel)
    statements += level(0, width: nil)
    return statements
  }

  private var firstReduction: Int? {
    order.firstIndex { $0.isReduction && $0.id != kernel.slicedRows?.id }
  }
  private var isVectorReduced: Bool { vector.map { order[$0].isReduction } ?? false }

  /// The statements inside of `depth` loops. `width` is the number of lanes in use, where that is not all of them.
  private func level(_ depth: Int, width: CExpression?) -> [CStatement] {
    var statements: [CStatement] = []
    for index in instructions.indices where self.depth[index] == depth && !isInlined(index) {
      statements += definition(index, width)
    }
    let reduced = firstReduction == nil ? [] : outputs.filter { $0.reduction != nil }
    if depth == firstReduction {
      for (index, output) in reduced.enumerated() { statements += accumulator(index, output) }
    }
    if depth < order.count {
      statements += loop(depth, width: width)
    } else {
      for output in outputs where output.reduction == nil || firstReduction == nil {
        statements += stored(output, value(output.value, width), width)
      }
      for (index, output) in reduced.enumerated() { statements.append(accumulate(index, output, width)) }
    }
    if depth == firstReduction {
      for (index, output) in reduced.enumerated() { statements += finish(index, output, width) }
    }
    return statements
  }

  private func variable(_ position: Int) -> String { "i\(order[position].id)" }

  private func loop(_ position: Int, width: CExpression?) -> [CStatement] {
    let name = variable(position)
    let isPartition = order[position].id == kernel.partition?.id
    let from: CExpression = isPartition ? (isBoxed ? "row" : "first") : isBoxed ? "column" : 0
    let end: CExpression =
      isPartition ? (isBoxed ? "row_end" : "last") : isBoxed ? "column_end" : order[position].extent.c
    guard position == vector else {
      return [
        .loop(
          variable: name, from: from, condition: .binary(.less, .name(name), end), step: 1,
          level(position + 1, width: width))
      ]
    }
    // A part of the loop may be all there is to do, so that there are at most as many steps as the loop has.
    let most = order[position].extent.value ?? .max
    let fixed = isPartition || isBoxed ? nil : order[position].extent.value
    if isVectorReduced { return [.block(combining(position, from: from, to: end, extent: fixed))] }
    let lanes: CExpression = "EL_LANES"
    var statements: [CStatement] = [.declare(.long, name, from)]
    let rest = [.declare(.long.constant, "width", end - .name(name))] + level(position + 1, width: "width")
    let body = level(position + 1, width: nil)
    if most >= 4, most < 16 || isLong(position, body) {
      return [
        .block(statements + [.loopWhile(.binary(.less, .name(name), end), advance: .name(name), by: lanes, rest)])
      ]
    }
    if most >= 4 {
      if most >= MapEmitter.shortestInterleaved, let ways = interleaved(body, over: name) {
        let step = "EL_WAYS" * lanes
        statements.append(
          .loopWhile(.binary(.lessOrEqual, .name(name) + step, end), advance: .name(name), by: step, ways))
      }
      statements.append(
        .loopWhile(.binary(.lessOrEqual, .name(name) + lanes, end), advance: .name(name), by: lanes, body))
    }
    if fixed.map({ $0 % 16 != 0 }) ?? true {
      statements.append(.conditional(.binary(.less, .name(name), end), rest, []))
    }
    return [.block(statements)]
  }

  /// The loop whose steps are combined: the lanes of a sum at a time.
  private func combining(_ position: Int, from: CExpression, to end: CExpression, extent: Int?) -> [CStatement] {
    let name = variable(position)
    let lanes: CExpression = "EL_SUM_LANES"
    var statements: [CStatement] = [.declare(.long, name, from)]
    let part = forPart(over: name)
    let width = CStatement.declare(.long.constant, "width", end - part(.name(name)))
    let rest = CStatement.each(
      .part,
      [
        width,
        .conditional(.binary(.greater, "width", 0), level(position + 1, width: "width").map { $0.rewritten(part) }, []),
      ])
    let body = level(position + 1, width: nil)
    if isLong(position, body) {
      return statements + [.loopWhile(.binary(.less, .name(name), end), advance: .name(name), by: lanes, [rest])]
    }
    if extent.map({ $0 >= MapEmitter.shortestInterleaved }) ?? true, let ways = interleaved(body, over: name) {
      let step = "EL_WAYS" * CExpression.name("EL_LANES")
      statements.append(
        .loopWhile(.binary(.lessOrEqual, .name(name) + step, end), advance: .name(name), by: step, ways))
    }
    if extent.map({ $0 >= 16 }) ?? true {
      let parts = CStatement.each(.part, body.map { $0.rewritten(part) })
      statements.append(
        .loopWhile(.binary(.lessOrEqual, .name(name) + lanes, end), advance: .name(name), by: lanes, [parts]))
    }
    if extent.map({ $0 % 16 != 0 }) ?? true { statements.append(rest) }
    return statements
  }

  /// Whether the loop's body is so long that looking at the width in each step costs nothing beside it. It is then written once, and
  /// not once more for the rest that fills no vector.
  private func isLong(_ position: Int, _ body: [CStatement]) -> Bool {
    instructions.indices.count { depth[$0] > position && !isInlined($0) } > 32
      && interleaved(body, over: variable(position)) == nil
  }

  /// The replacement of a vector in the statements for a part of the lanes.
  private func forPart(over variable: String) -> (CExpression) -> CExpression {
    let part = CExpression.name(CVectorGroup.part.counter)
    return { expression in
      guard case .name(let name) = expression else { return expression }
      if name == variable { return expression + part * "EL_LANES" }
      return totals.contains(name) ? .subscripted(expression, part) : expression
    }
  }

  /// The names of what is combined in lanes.
  private var totals: Set<String> { isVectorReduced ? Set(outputs.indices.map { "total\($0)" }) : [] }

  /// Loops with fewer steps would not fill the largest group of vectors, four of sixteen lanes.
  private static let shortestInterleaved = 64
  private func interleaved(_ body: [CStatement], over variable: String) -> [CStatement]? {
    let slow = instructions.indices.reduce(into: Set(["el_philox"])) { slow, index in
      guard case .scalar(.function(let function)) = instructions[index].operation, function.cost.isChain else { return }
      slow.insert("el_\(instructions.function(function, of: index).name)_f32")
    }
    return Interleaving(variable: variable, totals: totals, isSlow: slow.contains).apply(to: body)
  }

  // MARK: Values

  /// Whether an instruction is written where it is used instead of being given a name.
  private func isInlined(_ index: Int) -> Bool {
    switch instructions[index].operation {
    case .scalar(.constant), .scalar(.extent): return true
    case .scalar(.random): return false
    case .scalar(let operation):
      guard uses[index] == 1, let user = users[index], depth[user] == depth[index] else { return false }
      if case .function = operation { return false }
      return nesting[index] <= 2
    case .load, .position: return false
    }
  }

  private static func isNestable(_ instruction: KernelInstruction) -> Bool {
    guard case .scalar(let operation) = instruction.operation else { return false }
    switch operation {
    case .function, .random, .constant, .extent: return false
    default: return true
    }
  }

  private func value(_ index: Int, _ width: CExpression?) -> CExpression {
    isInlined(index) ? expression(index, width) : .name("v\(index)")
  }

  private func definition(_ index: Int, _ width: CExpression?) -> [CStatement] {
    let instruction = instructions[index]
    if case .scalar(.random(let stream, let word)) = instruction.operation {
      return random(index, stream, word, width)
    }
    return [.declare(instruction.dtype.vectorType.constant, "v\(index)", expression(index, width))]
  }

  private func random(_ index: Int, _ stream: UInt32, _ word: Int, _ width: CExpression?) -> [CStatement] {
    let position = instructions[index].operands[0]
    // The words of a block are computed together; the first that is needed computes it.
    let first =
      instructions.indices.first { other in
        if case .scalar(.random(stream, _)) = instructions[other].operation {
          instructions[other].operands == [position]
        } else {
          false
        }
      } ?? index
    var statements: [CStatement] = []
    if first == index {
      func splat(_ value: CExpression) -> CExpression { .call("el_splat_u32", [value]) }
      statements = [
        .declareArray(CType("el_u32"), "block\(index)", 4, nil),
        .expression(
          .call(
            "el_philox",
            [
              value(position, width), splat(.unsigned(stream)), splat(.field("f", "counter0")),
              splat(.field("f", "counter1")),
              .field("f", "key0"), .field("f", "key1"), .name("block\(index)"),
            ])),
      ]
    }
    return statements + [
      .declare(CType("el_u32").constant, "v\(index)", .subscripted(.name("block\(first)"), .integer(word)))
    ]
  }

  private func expression(_ index: Int, _ width: CExpression?) -> CExpression {
    let instruction = instructions[index]
    switch instruction.operation {
    case .load(let access): return load(access, width)
    case .position(let linear): return position(linear)
    case .scalar(var operation):
      let operands = instruction.operands.map { value($0, width) }
      if case .function(let function) = operation {
        operation = .function(instructions.function(function, of: index))
      }
      return VectorExpressions.expression(
        operation, operands, instruction.dtype, operandDType: instruction.operands.last.map { instructions[$0].dtype })
    }
  }

  private var loopNames: [Int: CExpression] {
    Dictionary(uniqueKeysWithValues: order.indices.map { (order[$0].id, .name(variable($0))) })
  }

  private func stride(_ index: LinearIndex) -> Dimension {
    vector.flatMap { index.coefficients[order[$0].id] } ?? 0
  }

  private func address(_ access: Access) -> CExpression {
    let offset = context.index(access, loops: loopNames, outermost: kernel.partition?.id)
    return .name(context.names[access.buffer]) + offset
  }

  private func load(_ access: Access, _ width: CExpression?) -> CExpression {
    let suffix = context.schedule.buffers[access.buffer].dtype.suffix
    let step = stride(access.index)
    if step == 0 {
      let offset = context.index(access, loops: loopNames, outermost: kernel.partition?.id)
      return .call("el_splat_\(suffix)", [.subscripted(.name(context.names[access.buffer]), offset)])
    }
    if step == 1 {
      return width.map { .call("el_load_n_\(suffix)", [address(access), $0]) }
        ?? .call("el_load_\(suffix)", [address(access)])
    }
    return width.map { .call("el_gather_n_\(suffix)", [address(access), step.c, $0]) }
      ?? .call("el_gather_\(suffix)", [address(access), step.c])
  }

  private func position(_ linear: LinearIndex) -> CExpression {
    var base = linear.constant.c
    for (loop, factor) in linear.coefficients.sorted(by: { $0.key < $1.key }) {
      base = base + (loopNames[loop] ?? 0) * factor.c
    }
    let step = stride(linear)
    if step == 0 { return .call("el_splat_i64", [base]) }
    if step == 1 { return .call("el_iota_i64", [base]) }
    return .binary(
      .plus, .call("el_splat_i64", [base]), .binary(.times, .call("el_iota_i64", [0]), .call("el_splat_i64", [step.c])))
  }

  // MARK: Results

  private func store(_ output: KernelOutput, value: CExpression, width: CExpression?) -> CStatement {
    let suffix = context.schedule.buffers[output.access.buffer].dtype.suffix
    let step = stride(output.access.index)
    guard vector != nil, step != 0 else {
      return .expression(.call("el_store_n_\(suffix)", [address(output.access), value, 1]))
    }
    if step == 1 {
      return .expression(
        width.map { .call("el_store_n_\(suffix)", [address(output.access), value, $0]) }
          ?? .call("el_store_\(suffix)", [address(output.access), value]))
    }
    return .expression(
      width.map { .call("el_scatter_n_\(suffix)", [address(output.access), step.c, value, $0]) }
        ?? .call("el_scatter_\(suffix)", [address(output.access), step.c, value]))
  }

  private func dtype(_ output: KernelOutput) -> DType { context.schedule.buffers[output.access.buffer].dtype }

  private func accumulator(_ index: Int, _ output: KernelOutput) -> [CStatement] {
    let dtype = dtype(output)
    let identity = CExpression.call("el_splat_\(dtype.suffix)", [identity(output)])
    guard isVectorReduced else { return [.declare(dtype.vectorType, "total\(index)", identity)] }
    let part = CExpression.subscripted(.name("total\(index)"), .name(CVectorGroup.part.counter))
    return [
      .declareArray(dtype.vectorType, "total\(index)", "EL_PARTS", nil),
      .each(.part, [.assign(part, .assign, identity)]),
    ]
  }

  private func identity(_ output: KernelOutput) -> CExpression {
    let dtype = dtype(output)
    guard let reduction = output.reduction, reduction != .sum else { return 0 }
    if dtype.isFloatingPoint {
      return .floating(reduction == .maximum ? -.infinity : .infinity, isDouble: dtype == .float64)
    }
    let (low, high): (CExpression, CExpression) =
      switch dtype {
      case .int32: ("INT32_MIN", "INT32_MAX")
      case .int64: ("INT64_MIN", "INT64_MAX")
      case .uint32: (0, "UINT32_MAX")
      default: (0, "UINT8_MAX")
      }
    return reduction == .maximum ? low : high
  }

  private func combine(_ output: KernelOutput, _ a: CExpression, _ b: CExpression) -> CExpression {
    let suffix = dtype(output).suffix
    switch output.reduction {
    case .maximum: return .call("el_max_\(suffix)", [a, b])
    case .minimum: return .call("el_min_\(suffix)", [a, b])
    default: return .binary(.plus, a, b)
    }
  }

  private func accumulate(_ index: Int, _ output: KernelOutput, _ width: CExpression?) -> CStatement {
    let name = CExpression.name("total\(index)")
    var value = value(output.value, width)
    if isVectorReduced, let width {
      value = .call("el_keep_\(dtype(output).suffix)", [value, width, identity(output)])
    }
    return .assign(name, .assign, combine(output, name, value))
  }

  private func finish(_ index: Int, _ output: KernelOutput, _ width: CExpression?) -> [CStatement] {
    let total = CExpression.name("total\(index)")
    if isVectorReduced && !kernel.isPartial {
      let offset = context.index(output.access, loops: loopNames, outermost: kernel.partition?.id)
      return [
        .assign(.subscripted(.name(context.names[output.access.buffer]), offset), .assign, acrossLanes(output, total))
      ]
    }
    let value =
      isVectorReduced ? .call("el_splat_\(dtype(output).suffix)", [acrossLanes(output, total)]) : total
    return stored(output, value, width)
  }

  /// Stores a result, combined with what earlier rows of the slice have left.
  private func stored(_ output: KernelOutput, _ value: CExpression, _ width: CExpression?) -> [CStatement] {
    guard let rows = kernel.slicedRows else { return [store(output, value: value, width: width)] }
    let name = CExpression.name("part\(output.access.buffer)")
    let isLater = CExpression.binary(.greater, .name("i\(rows.id)"), .field("f", "slice_first"))
    return [
      .declare(dtype(output).vectorType, "part\(output.access.buffer)", value),
      .conditional(isLater, [.assign(name, .assign, combine(output, load(output.access, width), name))], []),
      store(output, value: name, width: width),
    ]
  }

  private func acrossLanes(_ output: KernelOutput, _ total: CExpression) -> CExpression {
    let name = output.reduction == .maximum ? "reduce_max" : output.reduction == .minimum ? "reduce_min" : "sum"
    return .call("el_\(name)_parts_\(dtype(output).suffix)", [total])
  }
}

extension CStatement {
  /// A loop whose variable is declared before it and lives on.
  static func loopWhile(_ condition: CExpression, advance: CExpression, by step: CExpression, _ body: [CStatement])
    -> CStatement
  {
    .whileLoop(condition: condition, advance: .binary(.assignSum, advance, step), body)
  }
}
