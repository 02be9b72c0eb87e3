import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes a transposition as calls of the prelude's transposition.
struct TransposeEmitter {
  let context: KernelContext
  let kernel: Kernel
  let copy: Transposition

  private var row: Loop { copy.row }
  private var column: Loop { copy.column }

  func body() -> [CStatement] {
    func stride(_ access: Access, _ loop: Loop) -> CExpression { access.index.coefficients[loop.id]?.c ?? 0 }
    var statement = CStatement.expression(
      .call(
        "el_transpose_\(copy.dtype.suffix)",
        [
          extent(row), extent(column), address(copy.from), stride(copy.from, row), address(copy.to),
          stride(copy.to, column),
        ]))
    for loop in kernel.loops.reversed() where loop.id != row.id && loop.id != column.id {
      let (start, end) = kernel.range(loop)
      let name = "i\(loop.id)"
      statement = .loop(
        variable: name, from: start, condition: .binary(.less, .name(name), end), step: 1, [statement])
    }
    return context.prologue(kernel) + [statement]
  }

  private func extent(_ loop: Loop) -> CExpression {
    let (start, end) = kernel.range(loop)
    return end - start
  }

  private func address(_ access: Access) -> CExpression {
    var loops: [Int: CExpression] = [:]
    for loop in kernel.loops {
      let isInner = loop.id == row.id || loop.id == column.id
      loops[loop.id] = isInner ? kernel.range(loop).from : .name("i\(loop.id)")
    }
    return .name(context.names[access.buffer]) + context.index(access, loops: loops, outermost: kernel.partition?.id)
  }
}
