import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes a nest whose rows are independent for as many rows at a time as a vector has lanes, a row a lane: small matrices
/// that are solved or factorised, or rows that are summed up, have little in them that could be done at once, but there are
/// many of them.
///
/// The rows of a block are transposed into arrays of vectors, the nest is carried out on those, statement for statement, and
/// the result is transposed back. What all rows share is read where it lies. Each element is computed as ``NestEmitter``
/// computes it, whatever the lane.
struct LaneNestEmitter {
  private let scalar: NestEmitter
  private let form: RowsInLanes
  private var axis: Int { form.axis }
  private var rowCounts: [Int: Int] { form.rowCounts }
  private var resultRowCount: Int { form.resultRowCount }
  private var dtype: DType { form.dtype }

  init(_ context: KernelContext, _ kernel: Kernel, _ body: NestBody, _ form: RowsInLanes) {
    scalar = NestEmitter(context: context, kernel: kernel, body: body)
    self.form = form
  }

  func statements() -> [CStatement] {
    let kernel = scalar.kernel
    let lane = CExpression.name(scalar.variable(axis))
    var block: [CStatement] = [.declare(.long.constant, "count", .call("el_smaller", [end(axis) - lane, "EL_LANES"]))]
    for (operand, count) in rowCounts.sorted(by: { $0.key < $1.key }) {
      let row = row(scalar.body.operands[operand])
      block.append(
        transpose(["count", .integer(count), row.address, row.stride, pointer(rows(operand)), "EL_LANES"]))
    }
    block += scalar.body.nest.body.flatMap { statement($0) }
    let row = row(scalar.body.result)
    block.append(
      transpose([.integer(resultRowCount), "count", pointer(resultRows), "EL_LANES", row.address, row.stride]))

    var inner = block
    for position in kernel.loops.indices.reversed() {
      let name = scalar.variable(position)
      inner = [
        .loop(
          variable: name, from: isPartition(position) ? "first" : 0,
          condition: .binary(.less, .name(name), end(position)), step: position == axis ? "EL_LANES" : 1, inner)
      ]
    }
    // Lanes beyond the last row compute with zeros.
    let arrays = rowCounts.sorted { $0.key < $1.key }.map { (rows($0.key), $0.value) } + [(resultRows, resultRowCount)]
    return scalar.context.prologue(kernel)
      + arrays.map { .declareArray(dtype.vectorType, $0, .integer($1), .list([.list([0])])) } + inner
  }

  // MARK: Rows

  private func isPartition(_ position: Int) -> Bool {
    scalar.kernel.loops[position].id == scalar.kernel.partition?.id
  }
  private func end(_ position: Int) -> CExpression {
    isPartition(position) ? "last" : scalar.kernel.loops[position].extent.c
  }

  private func rows(_ operand: Int) -> String { "lanes\(operand)" }
  private var resultRows: String { "lanes_result" }
  private func pointer(_ array: String) -> CExpression { .cast(dtype.cType.pointer, .name(array)) }

  private func transpose(_ arguments: [CExpression]) -> CStatement {
    .expression(.call("el_transpose_\(dtype.suffix)", arguments))
  }

  /// Where the first row of a block lies, and how far apart rows are. Within a tile's memory rows count from the tile's first.
  private func row(_ buffer: Int) -> (address: CExpression, stride: CExpression) {
    let buffers = scalar.context.schedule.buffers
    var place: CExpression = 0
    for position in 0...axis {
      var index = CExpression.name(scalar.variable(position))
      if position == 0 && buffers[buffer].storage == .tile { index = index - "first" }
      place = place + index * buffers[buffer].strides[position].c
    }
    return (.name(scalar.context.names[buffer]) + place, buffers[buffer].strides[axis].c)
  }

  /// The vector of an element of all rows of a block.
  private func element(_ array: String, _ buffer: Int, _ position: [LoopIndex]) -> CExpression {
    var place: CExpression = 0
    for (part, stride) in zip(position, scalar.context.schedule.buffers[buffer].strides).dropFirst(axis + 1) {
      place = place + scalar.index(part) * stride.c
    }
    return .subscripted(.name(array), place)
  }

  // MARK: Statements

  private func statement(_ statement: LoopStatement) -> [CStatement] {
    switch statement {
    case .loop(let id, let from, let to, let descending, let body):
      return [scalar.loop(id, from, to, descending: descending, body.flatMap { self.statement($0) })]
    case .store(let position, let stored):
      return [.assign(element(resultRows, scalar.body.result, position), .assign, value(stored))]
    case .declare(let id, let initial): return [.declare(dtype.vectorType, scalar.local(id), value(initial))]
    case .assign(let id, let assigned): return [.assign(.name(scalar.local(id)), .assign, value(assigned))]
    case .conditional(let condition, let then, let otherwise):
      return [
        .conditional(
          scalar.value(condition), then.flatMap { self.statement($0) }, otherwise.flatMap { self.statement($0) })
      ]
    }
  }

  private func value(_ number: LoopValue) -> CExpression {
    switch number {
    case .operand(let which, let position, _):
      guard rowCounts[which] != nil else { return splat(scalar.value(number)) }
      return element(rows(which), scalar.body.operands[which], position)
    case .result(let position, _): return element(resultRows, scalar.body.result, position)
    case .local(let id, _): return .name(scalar.local(id))
    case .constant, .position: return splat(scalar.value(number))
    case .apply(let operation, let operands, let dtype):
      return VectorExpressions.expression(
        operation, operands.map { value($0) }, dtype, operandDType: operands.last?.dtype)
    }
  }

  private func splat(_ number: CExpression) -> CExpression { .call("el_splat_\(dtype.suffix)", [number]) }
}
