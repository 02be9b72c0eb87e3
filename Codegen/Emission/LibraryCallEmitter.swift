import ElbowArrays
import ElbowGraph

/// Writes linear algebra on large matrices as calls of LAPACK, where a model is built with OpenBLAS.
struct LibraryCallEmitter {
  private let context: KernelContext
  private let kernel: Kernel
  private let body: NestBody
  /// The function, and what comes before the pointers among its arguments.
  private let function: (name: String, arguments: [CExpression])

  /// Below this many rows Elbow's own loops are as fast.
  static let leastSize = 32

  /// Nil if the kernel is not for a library.
  init?(_ context: KernelContext, _ kernel: Kernel, _ body: NestBody) {
    guard context.contractions == .openBLAS, let node = kernel.nodes.first else { return nil }
    let shape = context.schedule.buffers[body.operands[0]].shape
    guard let size = shape.dimensions.last?.value, (LibraryCallEmitter.leastSize..<1 << 15).contains(size) else {
      return nil
    }
    let type = context.schedule.buffers[body.result].dtype == .float32 ? "f32" : "f64"
    switch context.schedule.program.nodes[node].primitive {
    case is Cholesky: function = ("el_blas_cholesky_\(type)", [.integer(size)])
    case let solve as TriangularSolve:
      guard let columns = context.schedule.buffers[body.result].shape[-1].value, columns < 1 << 15 else { return nil }
      function = (
        "el_blas_triangular_solve_\(type)",
        [solve.lower ? 1 : 0, solve.transposed ? 1 : 0, .integer(size), .integer(columns)]
      )
    default: return nil
    }
    self.context = context
    self.kernel = kernel
    self.body = body
  }

  /// The call, for each matrix of the batch.
  func statements() -> [CStatement] {
    let pointers = (body.operands + [body.result]).map(matrix)
    var inner: [CStatement] = [.expression(.call(function.name, function.arguments + pointers))]
    for (axis, loop) in kernel.loops.enumerated().reversed() {
      let isPartition = loop.id == kernel.partition?.id
      let (from, end): (CExpression, CExpression) = isPartition ? ("first", "last") : (0, loop.extent.c)
      inner = [.loop(variable: "i\(axis)", from: from, condition: .binary("<", .name("i\(axis)"), end), step: 1, inner)]
    }
    return context.prologue(kernel) + inner
  }

  /// The pointer to the matrix at hand. Within a tile's memory rows count from the tile's first.
  private func matrix(_ buffer: Int) -> CExpression {
    let strides = context.schedule.buffers[buffer].strides
    var total: CExpression = 0
    for axis in kernel.loops.indices {
      var place = CExpression.name("i\(axis)")
      if axis == 0 && context.schedule.buffers[buffer].storage == .tile { place = place - "first" }
      total = total + place * strides[axis].c
    }
    return .name(context.names[buffer]) + total
  }
}
