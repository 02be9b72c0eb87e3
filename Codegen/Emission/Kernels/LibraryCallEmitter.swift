import ElbowArrays
import ElbowCTree
import ElbowGraph
import ElbowSchedule

/// Writes linear algebra on large matrices as calls of LAPACK, where a model is built with OpenBLAS.
struct LibraryCallEmitter {
  let context: KernelContext
  let kernel: Kernel
  let body: NestBody
  let call: LibraryCall

  /// The call, for each matrix of the batch.
  func statements() -> [CStatement] {
    let pointers = (body.operands + [body.result]).map(matrix)
    var inner: [CStatement] = [.expression(.call(call.function, call.arguments.map { .integer($0) } + pointers))]
    for (axis, loop) in kernel.loops.enumerated().reversed() {
      let (from, end) = kernel.range(loop)
      inner = [
        .loop(variable: "i\(axis)", from: from, condition: .binary(.less, .name("i\(axis)"), end), step: 1, inner)
      ]
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
