import ElbowArrays
import ElbowGraph

/// A nest whose rows are independent, carried out for as many rows at a time as a vector has lanes, a row a lane.
package struct RowsInLanes: Sendable, Hashable {
  /// The axis that lies along lanes: the last independent one.
  package var axis: Int
  /// The operands, by position, that are transposed in, and how many elements a row of each has.
  package var rowCounts: [Int: Int]
  package var resultRowCount: Int
  package var dtype: DType

  /// The most that the rows of a block take as vectors: they are to stay in the first-level cache, and fit on any stack.
  private static let blockByteLimit = 48 << 10
  /// The widest vectors there are, in lanes.
  private static let lanes = 16

  /// - Returns: nil if the nest is not of that kind.
  package init?(_ buffers: [Buffer], _ kernel: Kernel, _ body: NestBody) {
    let result = buffers[body.result]
    let axis = body.nest.independentAxes - 1
    guard axis >= 0, kernel.loops.count == axis + 1, result.dtype == .float32 || result.dtype == .float64,
      (kernel.loops[axis].extent.value ?? Int.max) >= 4,
      RowsInLanes.isUniform(body.nest, lane: axis, dtype: result.dtype)
    else { return nil }
    /// The elements of a row; nil if they are not known, or far too many.
    func rowCount(_ buffer: Int) -> Int? {
      let extents = buffers[buffer].shape.dimensions.dropFirst(axis + 1).map(\.value)
      return extents.reduce(1 as Int?) { total, extent in
        guard let total, let extent, extent <= 1 << 20,
          total * extent <= RowsInLanes.blockByteLimit
        else { return nil }
        return total * extent
      }
    }
    var counts: [Int: Int] = [:]
    for operand in RowsInLanes.operandsByRow(body.nest, lane: axis) {
      counts[operand] = rowCount(body.operands[operand])
      guard counts[operand] != nil else { return nil }
    }
    guard let count = rowCount(body.result) else { return nil }
    let byteCount = (counts.values.reduce(0, +) + count) * RowsInLanes.lanes * result.dtype.byteCount
    guard byteCount <= RowsInLanes.blockByteLimit else { return nil }
    (self.axis, dtype, rowCounts, resultRowCount) = (axis, result.dtype, counts, count)
  }
}

extension RowsInLanes {
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
