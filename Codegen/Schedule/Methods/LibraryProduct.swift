import ElbowGraph

/// The products of matrices that a library takes.
///
/// A library's kernels depend on the size of what they are given, and so do the last bits of what they compute. So rows are
/// given to it in pieces that do not depend on the number of threads: `Kernel.libraryRows` at a time, in tiles that are cut as
/// for `libraryThreads`.
extension Kernel {
  /// The rows that a library multiplies at a time, where threads share them.
  package static let libraryRows = 64
  /// Batches are cut into tiles for so many threads, however many there are.
  package static let libraryThreads = 4

  /// Whether the contraction is products of matrices as they lie in memory.
  package func isLibraryProduct(_ body: ContractionBody) -> Bool {
    guard body.contracted.count == 1 else { return false }
    let (row, column, depth) = (body.rows.last, body.columns.last, body.contracted.last)
    return (isMatrix(body.left, row, depth) || isMatrix(body.left, depth, row))
      && (isMatrix(body.right, depth, column) || isMatrix(body.right, column, depth))
      && isMatrix(body.result, row, column)
  }

  /// Whether the steps of one loop lie side by side and those of another are rows of them, none of which overlap, as those of
  /// windows do. No loop is one of a single step.
  private func isMatrix(_ access: Access, _ outer: Int?, _ inner: Int?) -> Bool {
    func extent(_ id: Int?) -> Dimension { loops.first { $0.id == id }?.extent ?? 1 }
    if let inner, access.index.coefficients[inner] != 1 { return false }
    guard let outer else { return true }
    return ((access.index.coefficients[outer] ?? 0) - extent(inner)).isCertainlyNonNegative
  }
}
