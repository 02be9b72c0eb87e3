import ElbowArrays
import ElbowGraph

/// Linear algebra on large matrices that LAPACK does, where a model is built with OpenBLAS.
package struct LibraryCall: Sendable, Hashable {
  /// The function of `elbow_blas.h`.
  package var function: String
  /// The numbers that come before the pointers among its arguments.
  package var arguments: [Int]

  /// Below this many rows Elbow's own loops are as fast.
  package static let leastSize = 32

  /// - Returns: nil if the kernel is not for a library.
  package init?(_ schedule: Schedule, _ kernel: Kernel, _ body: NestBody) {
    guard let node = kernel.nodes.first,
      let size = schedule.buffers[body.operands[0]].shape.dimensions.last?.value,
      (LibraryCall.leastSize..<1 << 15).contains(size)
    else { return nil }
    let type = schedule.buffers[body.result].dtype == .float32 ? "f32" : "f64"
    switch schedule.program.nodes[node].primitive {
    case is Cholesky: (function, arguments) = ("el_blas_cholesky_\(type)", [size])
    case let solve as TriangularSolve:
      guard let columns = schedule.buffers[body.result].shape[-1].value, columns < 1 << 15 else { return nil }
      function = "el_blas_triangular_solve_\(type)"
      arguments = [solve.lower ? 1 : 0, solve.transposed ? 1 : 0, size, columns]
    default: return nil
    }
  }
}
