import ElbowArrays
import ElbowGraph

/// Writes a nest whose rows are independent for as many rows at a time as a vector has lanes, a row a lane: small matrices
/// that are solved or factorised, or rows that are summed up, have little in them that could be done at once, but there are
/// many of them.
///
/// The rows of a block are transposed into arrays of vectors, the nest is carried out on those, statement for statement, and
/// the result is transposed back. What all rows share is read where it lies. Each element is computed as ``NestEmitter``
/// computes it, whatever the lane.
struct LaneNestEmitter {
  private let scalar: NestEmitter
  /// The axis that lies along lanes: the last independent one.
  private let axis: Int
  /// The buffers that are transposed in: operands, by position, and how many elements a row of each has.
  private let rowCounts: [Int: Int]
  private let resultRowCount: Int
  private let dtype: DType

  /// The most that the rows of a block take as vectors: they are to stay in the first-level cache, and fit on any stack.
  private static let blockByteLimit = 48 << 10
  /// The widest vectors there are, in lanes.
  private static let lanes = 16

  /// Nil if the nest is not of that kind.
  init?(_ context: KernelContext, _ kernel: Kernel, _ body: NestBody) {
    let result = context.schedule.buffers[body.result]
    let axis = body.nest.independentAxes - 1
    guard axis >= 0, kernel.loops.count == axis + 1, result.dtype == .float32 || result.dtype == .float64,
      (kernel.loops[axis].extent.value ?? Int.max) >= 4,
      LaneNestEmitter.isUniform(body.nest, lane: axis, dtype: result.dtype)
    else { return nil }
    /// The elements of a row; nil if they are not known, or far too many.
    func rowCount(_ buffer: Int) -> Int? {
      let extents = context.schedule.buffers[buffer].shape.dimensions.dropFirst(axis + 1).map(\.value)
      return extents.reduce(1 as Int?) { total, extent in
        guard let total, let extent, extent <= 1 << 20,
          total * extent <= LaneNestEmitter.blockByteLimit
        else { return nil }
        return total * extent
      }
    }
    var counts: [Int: Int] = [:]
    for operand in LaneNestEmitter.operandsByRow(body.nest, lane: axis) {
      counts[operand] = rowCount(body.operands[operand])
      guard counts[operand] != nil else { return nil }
    }
    guard let count = rowCount(body.result) else { return nil }
    let byteCount = (counts.values.reduce(0, +) + count) * LaneNestEmitter.lanes * result.dtype.byteCount
    guard byteCount <= LaneNestEmitter.blockByteLimit else { return nil }
    scalar = NestEmitter(context: context, kernel: kernel, body: body)
    (self.axis, dtype, rowCounts, resultRowCount) = (axis, result.dtype, counts, count)
  }

  func statements() -> [CStatement] {
    let kernel = scalar.kernel
    let lane = CExpression.name(scalar.variable(axis))
    var block: [CStatement] = [.declare("const long", "count", .call("el_smaller", [end(axis) - lane, "EL_LANES"]))]
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
          condition: .binary("<", .name(name), end(position)), step: position == axis ? "EL_LANES" : 1, inner)
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
  private func pointer(_ array: String) -> CExpression { .cast("\(dtype.cType) *", .name(array)) }

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
      return [.assign(element(resultRows, scalar.body.result, position), "=", value(stored))]
    case .declare(let id, let initial): return [.declare(dtype.vectorType, scalar.local(id), value(initial))]
    case .assign(let id, let assigned): return [.assign(.name(scalar.local(id)), "=", value(assigned))]
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

extension LaneNestEmitter {
  /// Whether all rows take the same way through the nest: where they differ, it is in numbers of one floating-point dtype only.
  fileprivate static func isUniform(_ nest: LoopNest, lane: Int, dtype: DType) -> Bool {
    guard nest.locals.allSatisfy({ $0 == dtype }) else { return false }
    let byRow = operandsByRow(nest, lane: lane)
    var isUniform = true
    nest.forEachIndex { index in
      if case .value = index { isUniform = false }
    }
    nest.forEachValue { value in
      switch value {
      case .operand(let which, let position, let own):
        isUniform = isUniform && own == dtype && (!byRow.contains(which) || isInRow(position, lane: lane))
      case .result(let position, _): isUniform = isUniform && isInRow(position, lane: lane)
      case .position(let index, _): isUniform = isUniform && !index.mentions(lane)
      case .apply(.cast, _, _): isUniform = false
      default: break
      }
    }
    return isUniform && nest.body.allSatisfy { hasUniformFlow($0, lane: lane) }
  }

  /// Whether loops and conditions depend on positions only, and not on that of the row.
  private static func hasUniformFlow(_ statement: LoopStatement, lane: Int) -> Bool {
    switch statement {
    case .store(let position, _): return isInRow(position, lane: lane)
    case .declare, .assign: return true
    case .loop(_, let from, let to, _, let body):
      return !from.mentions(lane) && !to.mentions(lane) && body.allSatisfy { hasUniformFlow($0, lane: lane) }
    case .conditional(let condition, let then, let otherwise):
      return condition.isOfPositions && (then + otherwise).allSatisfy { hasUniformFlow($0, lane: lane) }
    }
  }

  /// Whether a position is in the row that the surrounding loops are at.
  private static func isInRow(_ position: [LoopIndex], lane: Int) -> Bool {
    position.count > lane && (0...lane).allSatisfy { position[$0] == .variable($0) }
      && !position.dropFirst(lane + 1).contains { $0.mentions(lane) }
  }

  /// The operands that have a row of their own for each lane.
  fileprivate static func operandsByRow(_ nest: LoopNest, lane: Int) -> Set<Int> {
    var found: Set<Int> = []
    nest.forEachValue { value in
      if case .operand(let which, let position, _) = value, position.contains(where: { $0.mentions(lane) }) {
        found.insert(which)
      }
    }
    return found
  }
}

extension LoopIndex {
  /// Whether a loop variable occurs in the position.
  fileprivate func mentions(_ variable: Int) -> Bool {
    switch self {
    case .extent, .value: false
    case .variable(let id): id == variable
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b), .minimum(let a, let b),
      .maximum(let a, let b):
      a.mentions(variable) || b.mentions(variable)
    case .quotient(let a, _), .remainder(let a, _): a.mentions(variable)
    }
  }
}

extension LoopValue {
  /// Whether the scalar is made of positions and constants alone.
  fileprivate var isOfPositions: Bool {
    switch self {
    case .constant, .position: true
    case .operand, .result, .local: false
    case .apply(_, let operands, _): operands.allSatisfy(\.isOfPositions)
    }
  }
}
