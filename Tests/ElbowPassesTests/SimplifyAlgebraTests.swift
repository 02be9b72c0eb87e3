import ElbowArrays
import ElbowGraph
import ElbowPasses
import Testing

/// Each rule of `SimplifyAlgebra` alone: what it makes of an operation, and what it leaves, for the result would be another one.
@Suite struct SimplifyAlgebraTests {
  /// An operation on x and y, of shape [2, 3], and a scalar s.
  typealias Written = @Sendable (_ x: Tensor, _ y: Tensor, _ s: Tensor) -> Tensor

  /// The operations computed, one after the other, before and after the pass.
  private func listings(_ write: Written, _ dtype: DType = .float32) throws -> (before: String, after: String) {
    let graph = Graph()
    let (x, y) = (
      graph.placeholder("x", shape: [2, 3], dtype: dtype), graph.placeholder("y", shape: [2, 3], dtype: dtype)
    )
    let result = write(x, y, graph.placeholder("s", shape: [], dtype: dtype))
    let program = try graph.program(Signature("p", outputs: ["y": result]))
    let simplified = try SimplifyAlgebra().run(program)
    try Verifier().check(simplified, after: "the test")
    return (listing(program), listing(try EliminateDeadNodes().run(simplified)))
  }

  private func listing(_ program: Program) -> String {
    program.nodes.map { node in
      if let placeholder = node.primitive as? Placeholder { return placeholder.input }
      let operands = node.inputs.map { (program.nodes[$0].primitive as? Placeholder)?.input ?? "%\($0)" }
      return "\(type(of: node.primitive).name)(\(operands.joined(separator: ", ")))"
    }.joined(separator: "; ")
  }

  private func expect(_ write: Written, _ result: String, _ dtype: DType = .float32) throws {
    let after = try listings(write, dtype).after
    #expect(after == result)
  }

  private func expectNoChange(_ write: Written, _ dtype: DType = .float32) throws {
    let (before, after) = try listings(write, dtype)
    #expect(before == after)
  }

  @Test func neutralOperands() throws {
    try expect({ x, _, _ in x + 0 }, "x")
    try expect({ x, _, _ in 0 + x }, "x")
    try expect({ x, _, _ in x - 0 }, "x")
    try expect({ x, _, _ in x * 1 }, "x")
    try expect({ x, _, _ in 1 * x }, "x")
    try expect({ x, _, _ in x / 1 }, "x")
    try expectNoChange { x, _, _ in 0 - x }
    try expectNoChange { x, _, _ in 1 / x }
    try expectNoChange { x, _, _ in x + 1 }
    try expectNoChange { x, _, _ in x * 2 }
    try expectNoChange { x, _, _ in x / 2 }
  }

  @Test func signs() throws {
    try expect({ x, _, _ in x * -1 }, "x; negate(x)")
    try expect({ x, _, _ in -1 * x }, "x; negate(x)")
    try expect({ x, _, _ in -(-x) }, "x")
    try expect({ x, y, _ in x + (-y) }, "x; y; subtract(x, y)")
    try expect({ x, y, _ in x - (-y) }, "x; y; add(x, y)")
    try expectNoChange { x, _, _ in x / -1 }
    try expectNoChange { x, _, _ in -exp(x) }
    try expectNoChange { x, _, _ in exp(-x) }
    try expectNoChange { x, y, _ in x * (-y) }
    try expectNoChange { x, y, _ in x + exp(y) }
    try expectNoChange { x, y, _ in x - exp(y) }
    // Integers wrap around alike, but the sign of an unsigned one is nothing that C negates without a warning.
    try expectNoChange({ x, y, _ in x * -1 }, .int32)
  }

  @Test func powers() throws {
    try expect({ x, _, _ in pow(x, 1) }, "x")
    try expect({ x, _, _ in pow(x, 2) }, "x; multiply(x, x)")
    try expectNoChange { x, _, _ in pow(x, 3) }
    try expectNoChange { x, _, _ in x * 3 }
    try expectNoChange { x, y, _ in pow(x, y) }
  }

  @Test func viewsOfViews() throws {
    try expect({ x, _, _ in x.reshaped([3, 2]).reshaped([6]) }, "x; reshape(x)")
    try expect({ x, _, _ in x.reshaped([3, 2]).reshaped([2, 3]) }, "x")
    try expect({ x, _, _ in x.transposed([1, 0]).transposed([1, 0]) }, "x")
    try expect({ x, _, _ in x.broadcast(to: [4, 2, 3]).broadcast(to: [5, 4, 2, 3]) }, "x; broadcast(x)")
    try expectNoChange { x, _, _ in x.transposed([1, 0]).reshaped([6]) }
    try expectNoChange { x, _, _ in x.reshaped([3, 2]).transposed([1, 0]) }
    try expectNoChange { x, _, _ in exp(x).reshaped([6]) }
  }

  /// A slice of a slice begins where both say, in steps of both.
  @Test func slicesOfSlices() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [30])
    let inner = x.sliced(starts: [3], sizes: [8], strides: [3])
    let outer = inner.sliced(starts: [1], sizes: [3], strides: [2])
    let program = try SimplifyAlgebra().run(graph.program(Signature("p", outputs: ["y": outer])))
    let slice = try #require(program.nodes[program.outputs[0].node].primitive as? Slice)
    #expect(slice.starts.dimensions == [6] && slice.sizes.dimensions == [3] && slice.strides == [6])
    #expect(program.nodes[program.outputs[0].node].inputs == [0])
    // Turned round twice, it is what it was; a part of it is not.
    let turned: @Sendable (Tensor) -> Tensor = { $0.sliced(starts: [1, 2], sizes: [2, 3], strides: [-1, -1]) }
    try expect({ x, _, _ in turned(turned(x)) }, "x")
    try expect({ x, _, _ in turned(x).sliced(starts: [0, 0], sizes: [2, 2], strides: [1, 1]) }, "x; slice(x)")
  }

  @Test func broadcastScalars() throws {
    try expect({ _, _, s in s.broadcast(to: [2, 3]).reshaped([6]) }, "s; broadcast(s)")
    try expect({ _, _, s in s.broadcast(to: [2, 3]).transposed([1, 0]) }, "s; broadcast(s)")
    try expect({ _, _, s in exp(s.broadcast(to: [2, 3])) }, "s; exp(s); broadcast(%1)")
    try expect(
      { x, _, s in s.broadcast(to: [2, 3]) * exp(s).broadcast(to: [2, 3]) },
      "s; exp(s); multiply(s, %1); broadcast(%2)")
    try expect({ _, _, s in s.broadcast(to: [2, 3]).cast(to: .int32) }, "s; cast(s); broadcast(%1)")
    try expectNoChange { x, _, s in x * s.broadcast(to: [2, 3]) }
    try expectNoChange { x, _, _ in exp(x.broadcast(to: [4, 2, 3])) }
    try expectNoChange { x, _, _ in x.broadcast(to: [4, 2, 3]).transposed([1, 0, 2]) }
    try expectNoChange { x, _, _ in x.broadcast(to: [4, 2, 3]).reshaped([24]) }
  }

  /// Sums alone are multiples: a maximum of equal numbers is that number, and integers may wrap around.
  @Test func sumsOfBroadcastScalars() throws {
    try expect(
      { _, _, s in s.broadcast(to: [2, 3]).sum() }, "s; extent(); multiply(s, %1)")
    try expect({ _, _, s in s.broadcast(to: [2, 3]).sum(axes: [0]) }, "s; extent(); multiply(s, %1); broadcast(%2)")
    try expectNoChange { _, _, s in s.broadcast(to: [2, 3]).max(axes: [0]) }
    try expectNoChange { x, _, _ in x.broadcast(to: [4, 2, 3]).sum(axes: [0]) }
    try expectNoChange({ _, _, s in s.broadcast(to: [2, 3]).sum(axes: [0]) }, .int32)
  }

  @Test func whatDoesNothing() throws {
    try expect({ x, _, _ in stopGradient(x) }, "x")
    try expect({ x, _, _ in x.cast(to: .float32) }, "x")
    try expect({ x, _, _ in x.reshaped([2, 3]) }, "x")
    try expect({ x, _, _ in x.reshaped([6]).transposed([0]) }, "x; reshape(x)")
    try expectNoChange { x, _, _ in x.cast(to: .int32) }
    try expectNoChange { x, _, _ in x.sliced(starts: [0, 0], sizes: [2, 2], strides: [1, 1]) }
    // A square matrix has the type of its transpose.
    try expectNoChange { x, _, _ in
      x.reshaped([6]).sliced(starts: [0], sizes: [4], strides: [1]).reshaped([2, 2]).transposed([1, 0])
    }
  }

  @Test func selects() throws {
    let zeros: @Sendable (Tensor) -> Tensor = { $0.graph.zeros([2, 3]) }
    try expect({ x, y, _ in select(x < y, y, y) }, "y")
    try expectNoChange { x, y, _ in select(x < y, x, y) }
    try expectNoChange { x, y, _ in select(x < y, x, zeros(x)) * select(x < y, zeros(x), y) }
    try expectNoChange { x, y, _ in select(x < y, x, zeros(x)) + select(y < x, zeros(x), y) }
    try expectNoChange { x, y, _ in select(x < y, x, x.graph.full([2, 3], 2)) + select(x < y, zeros(x), y) }
    try expectNoChange { x, y, _ in select(x < y, x, zeros(x)) + exp(y) }
  }
}
