import ElbowArrays
import ElbowGraph

/// A map that only copies, and along another axis than it reads.
package struct Transposition: Sendable, Hashable {
  package var from: Access
  package var to: Access
  /// The loop along which results lie side by side.
  package var row: Loop
  /// The loop along which operands do.
  package var column: Loop
  package var dtype: DType

  /// - Returns: nil if the kernel is none of that kind.
  package init?(_ kernel: Kernel) {
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
    (self.from, self.to, self.row, self.column, self.dtype) = (from, to, row, column, dtype)
  }
}
