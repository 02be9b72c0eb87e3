import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes a loop primitive's nest as plain scalar C: one element at a time, one row after the other.
struct NestEmitter {
  let context: KernelContext
  let kernel: Kernel
  let body: NestBody

  func statements() -> [CStatement] {
    var inner = body.nest.body.flatMap { statement($0) }
    for loop in kernel.loops.reversed() {
      let (from, end) = kernel.range(loop)
      let name = variable(loop.id)
      inner = [.loop(variable: name, from: from, condition: .binary(.less, .name(name), end), step: 1, inner)]
    }
    return context.prologue(kernel) + inner
  }

  func variable(_ id: Int) -> String { "i\(id)" }
  func local(_ id: Int) -> String { "x\(id)" }

  private func statement(_ statement: LoopStatement) -> [CStatement] {
    switch statement {
    case .loop(let id, let from, let to, let descending, let body):
      return [loop(id, from, to, descending: descending, body.flatMap { self.statement($0) })]
    case .store(let position, let stored):
      return [.assign(element(self.body.result, position), .assign, value(stored))]
    case .declare(let id, let initial): return [.declare(initial.dtype.cType, local(id), value(initial))]
    case .assign(let id, let assigned): return [.assign(.name(local(id)), .assign, value(assigned))]
    case .conditional(let condition, let then, let otherwise):
      return [
        .conditional(value(condition), then.flatMap { self.statement($0) }, otherwise.flatMap { self.statement($0) })
      ]
    }
  }

  /// A loop over positions.
  func loop(_ id: Int, _ from: LoopIndex, _ to: LoopIndex, descending: Bool, _ body: [CStatement]) -> CStatement {
    let name = CExpression.name(variable(id))
    return descending
      ? .loop(
        variable: variable(id), from: index(to) - 1, condition: .binary(.greaterOrEqual, name, index(from)), step: -1,
        body)
      : .loop(variable: variable(id), from: index(from), condition: .binary(.less, name, index(to)), step: 1, body)
  }

  /// An element of a buffer. Within a tile's memory rows count from the tile's first.
  func element(_ buffer: Int, _ position: [LoopIndex]) -> CExpression {
    var total: CExpression = 0
    for (axis, (part, stride)) in zip(position, context.schedule.buffers[buffer].strides).enumerated() {
      var place = index(part)
      if axis == 0 && context.schedule.buffers[buffer].storage == .tile { place = place - "first" }
      total = total + place * stride.c
    }
    return .subscripted(.name(context.names[buffer]), total)
  }

  func index(_ position: LoopIndex) -> CExpression {
    switch position {
    case .extent(let dimension): return dimension.c
    case .variable(let id): return .name(variable(id))
    case .sum(let a, let b): return index(a) + index(b)
    case .difference(let a, let b): return index(a) - index(b)
    case .product(let a, let b): return index(a) * index(b)
    case .minimum(let a, let b): return .call("el_smaller", [index(a), index(b)])
    case .maximum(let a, let b): return .call("el_larger", [index(a), index(b)])
    case .quotient(let a, let divisor): return .call("el_floor_quotient", [index(a), divisor.c])
    case .remainder(let a, let divisor): return .call("el_floor_remainder", [index(a), divisor.c])
    case .value(let scalar): return .cast(.long, value(scalar))
    }
  }

  func value(_ scalar: LoopValue) -> CExpression {
    switch scalar {
    case .constant(let constant, let dtype): return VectorExpressions.literal(constant.value, dtype)
    case .operand(let which, let position, _): return element(body.operands[which], position)
    case .result(let position, _): return element(body.result, position)
    case .local(let id, _): return .name(local(id))
    case .position(let position, let dtype): return .cast(dtype.cType, index(position))
    case .apply(let operation, let operands, let dtype): return apply(operation, operands, dtype)
    }
  }

  private func apply(_ operation: ScalarOperation, _ operands: [LoopValue], _ dtype: DType) -> CExpression {
    let values = operands.map { value($0) }
    func binary(_ sign: COperator) -> CExpression { .binary(sign, values[0], values[1]) }
    switch operation {
    case .add: return binary(.plus)
    case .subtract: return binary(.minus)
    case .multiply: return binary(.times)
    case .divide: return binary(.over)
    case .and: return binary(.bitAnd)
    case .or: return binary(.bitOr)
    case .exclusiveOr: return binary(.bitXor)
    case .less: return binary(.less)
    case .lessOrEqual: return binary(.lessOrEqual)
    case .equal: return binary(.equal)
    case .notEqual: return binary(.notEqual)
    case .negate: return .unary(.minus, values[0])
    case .not: return .unary(.not, values[0])
    case .select: return .conditional(values[0], values[1], values[2])
    case .cast: return .cast(dtype.cType, values[0])
    // NaN on either side wins, as it does in vectors.
    case .maximum:
      return .conditional(
        .binary(.or, binary(.greater), .binary(.notEqual, values[0], values[0])), values[0], values[1])
    case .minimum:
      return .conditional(.binary(.or, binary(.less), .binary(.notEqual, values[0], values[0])), values[0], values[1])
    case .function(let function):
      return .call("__builtin_" + function.name + (dtype == .float32 ? "f" : ""), values)
    default: return values.first ?? 0
    }
  }
}
