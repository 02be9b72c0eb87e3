import ElbowArrays
import ElbowGraph

/// A place in memory that kernels read and write: dense and row-major.
public struct Buffer: Sendable {
  /// Where a buffer lies.
  public enum Storage: Sendable, Hashable {
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
  public var node: Int
  public var dtype: DType
  public var shape: Shape
  public var storage: Storage

  /// The distance, in elements, between neighbours along each axis.
  public var strides: [Dimension] {
    var strides = [Dimension](repeating: 1, count: shape.rank)
    for axis in strides.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape.dimensions[axis + 1] }
    return strides
  }
}

extension Buffer {
  /// Whether it is a variable with the value that this has when a run begins. The new value may be that of another variable,
  /// and is a buffer of its own.
  func isOldValue(in program: Program) -> Bool {
    guard case .variable(let variable) = storage, let read = program.nodes[node].primitive as? ReadVariable else {
      return false
    }
    return program.variables[variable].name == read.variable
  }
}

/// One loop of a kernel.
public struct Loop: Sendable, Hashable {
  /// Its name within the kernel; indices of accesses refer to it.
  public var id: Int
  public var extent: Dimension
  /// Whether results are combined over it rather than stored for each step.
  public var isReduction: Bool
}

/// An element of a buffer as a linear function of the loops.
public struct Access: Sendable, Hashable {
  public var buffer: Int
  public var index: LinearIndex
}

/// A step of a kernel's body.
public struct KernelInstruction: Sendable, Hashable {
  public enum Operation: Sendable, Hashable {
    /// The element of an access.
    case load(Access)
    /// A position, as an int64.
    case position(LinearIndex)
    case scalar(ScalarOperation)
  }
  public var operation: Operation
  public var operands: [Int]
  public var dtype: DType
}

/// A value that a kernel leaves behind: stored for every step of its loops, or combined over the reduction loops.
public struct KernelOutput: Sendable, Hashable {
  /// The instruction whose value it is.
  public var value: Int
  public var access: Access
  public var reduction: Reduce.Operation?
  /// The program's node.
  public var node: Int
}

/// A product-sum over loops: `c[m, n] = sum over k of a[m, k] * b[k, n]`, each of m, n, k perhaps several loops.
public struct ContractionBody: Sendable, Hashable {
  public var left: Access
  public var right: Access
  public var result: Access
  /// The loops, by id, that only the left operand and the result, only the right operand and the result, and only the
  /// operands depend on; all others are shared by all three.
  public var rows: [Int]
  public var columns: [Int]
  public var contracted: [Int]
  public var dtype: DType
  /// The building block that computes it. See `MethodSelection`.
  public var method = ContractionMethod.panels(isCopied: false)
}

/// The computation of a loop primitive: its own loops, inside of those over the result's independent axes.
public struct NestBody: Sendable {
  /// The buffers of its operands.
  public var operands: [Int]
  public var result: Int
  public var nest: LoopNest
  /// The form in which it is carried out. See `MethodSelection`.
  public var method = NestMethod.rows
}

/// A piece of work without interruptions: loops around straight-line code, or around a contraction.
public struct Kernel: Sendable {
  public enum Body: Sendable {
    case map(instructions: [KernelInstruction], outputs: [KernelOutput])
    case contraction(ContractionBody)
    case nest(NestBody)
    case scan(ScheduledScan)
  }

  /// The loops, outermost first; loops over which results are combined come last.
  public var loops: [Loop]
  public var body: Body
  /// The program's nodes that it computes, inlined ones included.
  public var nodes: [Int]
  /// The loop of a map that is taken in vectors, by its id; nil until it is chosen, and where there is none. See `VectorLoopSelection`.
  public var vectorLoop: Int?
  /// The map as a transposition, if it is one. See `MethodSelection`.
  public var transposition: Transposition?
  /// The work on each tile of a contraction's result as soon as it is complete: at most one map over the same rows and
  /// columns.
  public var epilogue: [Kernel] = []
  /// The variables, by buffer, whose elements lie as those of a contraction's result do, and that are claimed with each tile of
  /// it for the processor at work; see `ClaimAssignment`.
  public var claims: [Int] = []
  /// Whether the outermost loop, over a batch, is one that results are combined over: the kernel then leaves a part of the
  /// result for each slice of the batch, and another adds the parts.
  public var isPartial = false

  /// The loop that the kernel's work can be divided along: the outermost one, unless results are combined over it or a
  /// contraction needs it whole.
  public var partition: Loop? {
    guard let loop = loops.first else { return nil }
    if isPartial { return loop }
    guard !loop.isReduction else { return nil }
    if case .contraction(let body) = body, loop.id == body.columns.last { return nil }
    return loop
  }

  /// The loop over the rows of a slice of the batch, if the kernel leaves a part for each slice.
  var slicedRows: Loop? { isPartial ? partition : nil }

  /// A contraction that is one product of two matrices, its rows divided; nil for any other kernel.
  var matrixProduct: ContractionBody? {
    guard case .contraction(let body) = self.body, loops.count == 3, body.rows == [partition?.id],
      body.columns.count == 1, body.contracted.count == 1
    else { return nil }
    return body
  }

  /// The buffers read.
  public var reads: Set<Int> { epilogue.reduce(ownReads) { $0.union($1.reads) } }

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
  public var writes: Set<Int> { epilogue.reduce(ownWrites) { $0.union($1.writes) } }

  private var ownWrites: Set<Int> {
    switch body {
    case .map(_, let outputs): Set(outputs.map(\.access.buffer))
    case .contraction(let body): [body.result.buffer]
    case .nest(let body): [body.result]
    case .scan(let scan): scan.results.all
    }
  }

  /// All accesses, stores included.
  public var accesses: [Access] {
    switch body {
    case .map(let instructions, let outputs):
      instructions.compactMap { if case .load(let access) = $0.operation { access } else { nil } }
        + outputs.map(\.access)
    case .contraction(let body): [body.left, body.right, body.result]
    case .nest, .scan: []
    }
  }
}
