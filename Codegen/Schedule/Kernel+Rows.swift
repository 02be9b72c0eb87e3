import ElbowGraph

extension Kernel {
  /// Whether every access of the kernel to a buffer stays in the row that a loop is at.
  package func staysInRow(of index: Int, _ buffer: Buffer, _ loop: Loop) -> Bool {
    guard let extent = buffer.shape.dimensions.first, extent == loop.extent else { return false }
    if case .nest(let body) = body { return body.staysInRow(index) }
    let row = buffer.strides[0]
    return accesses.filter { $0.buffer == index }.allSatisfy { access in
      guard access.index.coefficients[loop.id] == row, access.index.constant.isSymbolic == false else { return false }
      var largest = access.index.constant
      for (other, factor) in access.index.coefficients where other != loop.id {
        guard let step = factor.value, let loop = loops.first(where: { $0.id == other }) else { return false }
        if step > 0 { largest = largest + Dimension(step) * (loop.extent - 1) }
      }
      return access.index.constant.constant >= 0 && (row - 1 - largest).isCertainlyNonNegative
    }
  }
}
