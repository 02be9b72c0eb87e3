import ElbowArrays
import ElbowGraph

/// A place in memory that kernels read and write: dense and row-major.
package struct Buffer: Sendable {
  /// Where a buffer lies.
  package enum Storage: Sendable, Hashable {
    /// The caller's array, by position among the signature's inputs.
    case input(Int)
    /// The caller's array, by position among the signature's outputs.
    case output(Int)
    /// Part of the state, by the variable's index.
    case variable(Int)
    /// Part of the program text.
    case constant
    /// Working memory for the whole array.
    case arena
    /// Working memory of one thread for the rows of one tile.
    case tile
    /// Working memory for one array for each slice of a batch, one after the other.
    case slices
  }

  /// The program's node whose value it holds.
  package var node: Int
  package var dtype: DType
  package var shape: Shape
  package var storage: Storage

  /// The distance, in elements, between neighbours along each axis.
  package var strides: [Dimension] {
    var strides = [Dimension](repeating: 1, count: shape.rank)
    for axis in strides.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape.dimensions[axis + 1] }
    return strides
  }
}

extension Buffer {
  /// Whether it is a variable with the value that this has when a run begins. The new value may be that of another variable,
  /// and is a buffer of its own.
  package func isOldValue(in program: Program) -> Bool {
    guard case .variable(let variable) = storage, let read = program.nodes[node].primitive as? ReadVariable else {
      return false
    }
    return program.variables[variable].name == read.variable
  }
}

/// One loop of a kernel.
package struct Loop: Sendable, Hashable {
  /// Its name within the kernel; indices of accesses refer to it.
  package var id: Int
  package var extent: Dimension
  /// Whether results are combined over it rather than stored for each step.
  package var isReduction: Bool
}

/// An element of a buffer as a linear function of the loops.
package struct Access: Sendable, Hashable {
  package var buffer: Int
  package var index: LinearIndex
}

/// A step of a kernel's body.
package struct KernelInstruction: Sendable, Hashable {
  package enum Operation: Sendable, Hashable {
    /// The element of an access.
    case load(Access)
    /// A position, as an int64.
    case position(LinearIndex)
    case scalar(ScalarOperation)
  }
  package var operation: Operation
  package var operands: [Int]
  package var dtype: DType
}

/// A value that a kernel leaves behind: stored for every step of its loops, or combined over the reduction loops.
package struct KernelOutput: Sendable, Hashable {
  /// The instruction whose value it is.
  package var value: Int
  package var access: Access
  package var reduction: Reduce.Operation?
  /// The program's node.
  package var node: Int
}

/// A product-sum over loops: `c[m, n] = sum over k of a[m, k] * b[k, n]`, each of m, n, k perhaps several loops.
package struct ContractionBody: Sendable, Hashable {
  package var left: Access
  package var right: Access
  package var result: Access
  /// The loops, by id, that only the left operand and the result, only the right operand and the result, and only the
  /// operands depend on; all others are shared by all three.
  package var rows: [Int]
  package var columns: [Int]
  package var contracted: [Int]
  package var dtype: DType
  /// The building block that computes it. See `MethodSelection`.
  package var method = ContractionMethod.panels(isCopied: false)
}

/// The computation of a loop primitive: its own loops, inside of those over the result's independent axes.
package struct NestBody: Sendable {
  /// The buffers of its operands.
  package var operands: [Int]
  package var result: Int
  package var nest: LoopNest
  /// The form in which it is carried out. See `MethodSelection`.
  package var method = NestMethod.rows
}

/// A piece of work without interruptions: loops around straight-line code, or around a contraction.
package struct Kernel: Sendable {
  package enum Body: Sendable {
    case map(instructions: [KernelInstruction], outputs: [KernelOutput])
    case contraction(ContractionBody)
    case nest(NestBody)
    case scan(ScheduledScan)
  }

  /// The loops, outermost first; loops over which results are combined come last.
  package var loops: [Loop]
  package var body: Body
  /// The program's nodes that it computes, inlined ones included.
  package var nodes: [Int]
  /// The loop of a map that is taken in vectors, by its id; nil until it is chosen, and where there is none. See `VectorLoopSelection`.
  package var vectorLoop: Int?
  /// The map as a transposition, if it is one. See `MethodSelection`.
  package var transposition: Transposition?
  /// The work on each tile of a contraction's result as soon as it is complete: at most one map over the same rows and
  /// columns.
  package var epilogue: [Kernel] = []
  /// The variables, by buffer, whose elements lie as those of a contraction's result do, and that are claimed with each tile of
  /// it for the processor at work; see `ClaimAssignment`.
  package var claims: [Int] = []
  /// The node whose value each buffer holds when the kernel is done with it; see `NameAssignment`.
  package var values: [Int: Int] = [:]
  /// Whether the outermost loop, over a batch, is one that results are combined over: the kernel then leaves a part of the
  /// result for each slice of the batch, and another adds the parts.
  package var isPartial = false

  /// The loop that the kernel's work can be divided along: the outermost one, unless results are combined over it or a
  /// contraction needs it whole.
  package var partition: Loop? {
    guard let loop = loops.first else { return nil }
    if isPartial { return loop }
    guard !loop.isReduction else { return nil }
    if case .contraction(let body) = body, loop.id == body.columns.last { return nil }
    return loop
  }

  /// The loop over the rows of a slice of the batch, if the kernel leaves a part for each slice.
  package var slicedRows: Loop? { isPartial ? partition : nil }

  /// A contraction that is one product of two matrices, its rows divided; nil for any other kernel.
  package var matrixProduct: ContractionBody? {
    guard case .contraction(let body) = self.body, loops.count == 3, body.rows == [partition?.id],
      body.columns.count == 1, body.contracted.count == 1
    else { return nil }
    return body
  }

  /// The buffers read.
  package var reads: Set<Int> { epilogue.reduce(ownReads) { $0.union($1.reads) } }

  private var ownReads: Set<Int> {
    switch body {
    case .map(let instructions, _):
      Set(instructions.compactMap { if case .load(let access) = $0.operation { access.buffer } else { nil } })
    case .contraction(let body): [body.left.buffer, body.right.buffer]
    case .nest(let body): Set(body.operands)
    case .scan(let scan): Set(scan.operands)
    }
  }

  /// The buffers written.
  package var writes: Set<Int> { epilogue.reduce(ownWrites) { $0.union($1.writes) } }

  private var ownWrites: Set<Int> {
    switch body {
    case .map(_, let outputs): Set(outputs.map(\.access.buffer))
    case .contraction(let body): [body.result.buffer]
    case .nest(let body): [body.result]
    case .scan(let scan): scan.results.all
    }
  }

  /// All accesses, stores included.
  package var accesses: [Access] {
    switch body {
    case .map(let instructions, let outputs):
      instructions.compactMap { if case .load(let access) = $0.operation { access } else { nil } }
        + outputs.map(\.access)
    case .contraction(let body): [body.left, body.right, body.result]
    case .nest, .scan: []
    }
  }
}
