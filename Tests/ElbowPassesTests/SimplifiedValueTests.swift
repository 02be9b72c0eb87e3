import ElbowArrays
import ElbowGraph
import ElbowPasses
import Testing

/// Each rule of `SimplifyAlgebra` in a small graph: which operations are left, and that they compute the same.
@Suite struct SimplifiedValueTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The operations left, without placeholders.
    let left: [String]
    let build: @Sendable (Tensor) -> Tensor

    init(_ description: String, leaves left: [String], _ build: @escaping @Sendable (Tensor) -> Tensor) {
      testDescription = description
      self.left = left
      self.build = build
    }
  }

  static let cases = [
    Case("0 + x", leaves: []) { 0 + $0 },
    Case("1 * x", leaves: []) { 1 * $0 },
    Case("x * -1", leaves: ["negate"]) { $0 * -1 },
    Case("-1 * x", leaves: ["negate"]) { -1 * $0 },
    Case("x + (-y)", leaves: ["exp", "subtract"]) { $0 + (-exp($0)) },
    Case("x - (-y)", leaves: ["exp", "add"]) { $0 - (-exp($0)) },
    Case("pow(x, 1)", leaves: []) { pow($0, 1) },
    Case("pow(x, 2)", leaves: ["multiply"]) { pow($0, 2) },
    Case("pow(x, 3)", leaves: ["constant", "broadcast", "power"]) { pow($0, 3) },
    Case("reshaped twice", leaves: ["reshape"]) { $0.reshaped([6, 1]).reshaped([3, 2]) },
    Case("transposed twice to another order", leaves: ["reshape", "transpose"]) {
      $0.reshaped([2, 1, 3]).transposed([1, 2, 0]).transposed([1, 2, 0])
    },
    Case("reversed twice", leaves: []) { $0.reversed(axes: [0, 1]).reversed(axes: [1, 0]) },
    Case("a piece of a piece", leaves: ["slice"]) { x in
      let columns = x.graph.apply(Slice(starts: [0, 2], sizes: [2, 2], strides: [1, -2]), [x])
      return x.graph.apply(Slice(starts: [1, 1], sizes: [1, 1], strides: [1, 1]), [columns])
    },
    Case("broadcast twice", leaves: ["reduce", "reshape", "broadcast"]) { x in
      let column = x.graph.apply(Broadcast(to: [2, 1]), [x.sum().reshaped([1, 1])])
      return x.graph.apply(Broadcast(to: [2, 3]), [column])
    },
    Case("a transposed broadcast scalar", leaves: ["reduce", "broadcast"]) { x in
      x.graph.apply(Broadcast(to: [2, 3]), [x.sum()]).transposed([1, 0])
    },
    Case("the sum of a broadcast scalar", leaves: ["reduce", "extent", "multiply", "broadcast"]) { x in
      x.graph.apply(Broadcast(to: [2, 3]), [x.sum()]).sum(axes: [1])
    },
    Case("a known extent", leaves: ["constant"]) { x in x.graph.apply(ExtentOf(6, dtype: .float32), []) },
    Case("a branch that is both", leaves: ["exp"]) { select($0 > 1, exp($0), exp($0)) },
    Case("an operation on broadcast scalars", leaves: ["reduce", "exp", "broadcast"]) { x in
      exp(x.graph.apply(Broadcast(to: [2, 3]), [x.sum()]))
    },
  ]

  @Test(arguments: cases) func leaves(_ example: Case) throws {
    let graph = Graph()
    let result = example.build(graph.placeholder("x", shape: [2, 3]))
    // Equal branches are one node after common subexpressions are.
    let program = try EliminateCommonSubexpressions().run(graph.program(Signature("p", outputs: ["y": result])))
    let rewritten = try SimplifyAlgebra().run(program)
    try Verifier().check(rewritten, after: "simplify-algebra")
    #expect(rewritten.nodes.map { type(of: $0.primitive).name }.filter { $0 != "placeholder" } == example.left)
    let feeds = ["x": try HostArray([1, -2, .infinity, 0.5, 3, -.infinity] as [Float], shape: [2, 3])]
    let (before, after) = try (
      ReferenceEvaluator(program).run(feeding: feeds), ReferenceEvaluator(rewritten).run(feeding: feeds)
    )
    #expect(try #require(after.outputs["y"]).bytes == #require(before.outputs["y"]).bytes)
  }
}
