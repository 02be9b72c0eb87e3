import ElbowArrays
import ElbowGraph

/// Writes a kernel that only copies, and along another axis than it reads, as calls of the prelude's transposition.
struct TransposeEmitter {
  private let context: KernelContext
  private let kernel: Kernel
  private let from: Access
  private let to: Access
  private let row: Loop
  private let column: Loop
  private let suffix: String

  /// Nil if the kernel is none of that kind.
  init?(_ context: KernelContext, _ kernel: Kernel) {
    guard case .map(let instructions, let outputs) = kernel.body, instructions.count == 1, outputs.count == 1,
      outputs[0].reduction == nil, case .load(let from) = instructions[0].operation,
      !kernel.loops.contains(where: \.isReduction)
    else { return nil }
    let to = outputs[0].access
    let dtype = instructions[0].dtype
    func isUnit(_ access: Access, _ loop: Loop) -> Bool { access.index.coefficients[loop.id] == 1 }
    guard dtype == .float32 || dtype == .float64,
      let column = kernel.loops.first(where: { isUnit(from, $0) && !isUnit(to, $0) }),
      let row = kernel.loops.first(where: { isUnit(to, $0) && !isUnit(from, $0) }),
      [row, column].allSatisfy({ ($0.extent.value ?? 0) >= 4 }), to.index.coefficients[column.id] != nil
    else { return nil }
    (self.context, self.kernel, self.from, self.to) = (context, kernel, from, to)
    (self.row, self.column, suffix) = (row, column, dtype.suffix)
  }

  func body() -> [CStatement] {
    func stride(_ access: Access, _ loop: Loop) -> CExpression { access.index.coefficients[loop.id]?.c ?? 0 }
    var statement = CStatement.expression(
      .call(
        "el_transpose_\(suffix)",
        [
          extent(row), extent(column), address(from), stride(from, row), address(to), stride(to, column),
        ]))
    for loop in kernel.loops.reversed() where loop.id != row.id && loop.id != column.id {
      let (start, end) = range(loop)
      let name = "i\(loop.id)"
      statement = .loop(
        variable: name, from: start, condition: .binary("<", .name(name), end), step: 1, [statement])
    }
    return context.prologue(kernel) + [statement]
  }

  private func range(_ loop: Loop) -> (CExpression, CExpression) {
    loop.id == kernel.partition?.id ? ("first", "last") : (0, loop.extent.c)
  }

  private func extent(_ loop: Loop) -> CExpression {
    let (start, end) = range(loop)
    return end - start
  }

  private func address(_ access: Access) -> CExpression {
    var loops: [Int: CExpression] = [:]
    for loop in kernel.loops {
      let isInner = loop.id == row.id || loop.id == column.id
      loops[loop.id] = isInner ? range(loop).0 : .name("i\(loop.id)")
    }
    return .name(context.names[access.buffer]) + context.index(access, loops: loops, outermost: kernel.partition?.id)
  }
}
