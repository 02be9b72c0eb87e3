import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowPasses
import Testing

/// Each pass on a small graph: the program before and after it, whole, as text.
@Suite struct PassListingTests {
  private func expect(
    _ pass: some Pass, _ build: (Graph) -> Tensor, becomes listings: (before: String, after: String),
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let graph = Graph()
    let program = try graph.program(Signature("p", outputs: ["y": build(graph)]))
    let rewritten = try EliminateDeadNodes().run(pass.run(program))
    try Verifier().check(rewritten, after: pass.name)
    #expect(program.description == listings.before, sourceLocation: sourceLocation)
    #expect(rewritten.description == listings.after, sourceLocation: sourceLocation)
  }

  @Test func everyPassIsListed() {
    let tested: [any Pass] = [
      OptimizeLoopBodies(),
      SimplifyAlgebra(),
      FoldConstants(),
      EliminateCommonSubexpressions(),
      ReuseActivations(),
      LowerConvolutions(),
      LowerWindowReductions(),
      CanonicalizeContractions(),
      EliminateDeadNodes(),
    ]
    #expect(Set(Pipeline.names) == Set(tested.map(\.name)))
  }

  @Test func loopBodiesAreOptimized() throws {
    try expect(
      OptimizeLoopBodies(),
      { graph in
        let x = graph.placeholder("x", shape: [4, 3])
        return graph.scan(from: [graph.zeros([3])], over: [x]) { _, carries, rows in
          let sum = carries[0] + (exp(rows[0]) + exp(rows[0]))
          return (carries: [sum], outputs: [])
        }.last[0]
      },
      becomes: (
        before: """
        program p {
          %0: float32[4, 3] = placeholder {input: "x"}
          %1: float32[] = constant {value: float32[] [0.0]}
          %2: float32[3] = broadcast(%1) {shape: [3]}
          %3: float32[3] = scan(%2, %0) {body: [[["placeholder", [], [["dtype", float32], ["input", "carry0"], ["shape", [3]]]], ["placeholder", [], [["dtype", float32], ["input", "row0"], ["shape", [3]]]], ["exp", [1], []], ["exp", [1], []], ["add", [2, 3], []], ["add", [0, 4], []]], [5]], carries: 1, count: 4, index: 0, result: "last", reversed: false, rows: 1}
          output y = %3
        }
        """,
        after: """
        program p {
          %0: float32[4, 3] = placeholder {input: "x"}
          %1: float32[] = constant {value: float32[] [0.0]}
          %2: float32[3] = broadcast(%1) {shape: [3]}
          %3: float32[3] = scan(%2, %0) {body: [[["placeholder", [], [["dtype", float32], ["input", "carry0"], ["shape", [3]]]], ["placeholder", [], [["dtype", float32], ["input", "row0"], ["shape", [3]]]], ["exp", [1], []], ["add", [2, 2], []], ["add", [0, 3], []]], [4]], carries: 1, count: 4, index: 0, result: "last", reversed: false, rows: 1}
          output y = %3
        }
        """
      )
    )
  }

  @Test func identitiesGo() throws {
    try expect(
      SimplifyAlgebra(),
      { graph in
        let x = graph.placeholder("x", shape: [nil, 3])
        return exp(log(x) + 0).transposed([1, 0]).transposed([1, 0]) / 1
      },
      becomes: (
        before: """
        program p {
          %0: float32[n, 3] = placeholder {input: "x"}
          %1: float32[n, 3] = log(%0)
          %2: float32[] = constant {value: float32[] [0.0]}
          %3: float32[n, 3] = broadcast(%2) {shape: [n, 3]}
          %4: float32[n, 3] = add(%1, %3)
          %5: float32[n, 3] = exp(%4)
          %6: float32[3, n] = transpose(%5) {permutation: [1, 0]}
          %7: float32[n, 3] = transpose(%6) {permutation: [1, 0]}
          %8: float32[] = constant {value: float32[] [1.0]}
          %9: float32[n, 3] = broadcast(%8) {shape: [n, 3]}
          %10: float32[n, 3] = divide(%7, %9)
          output y = %10
        }
        """,
        after: """
        program p {
          %0: float32[n, 3] = placeholder {input: "x"}
          %1: float32[n, 3] = log(%0)
          %2: float32[n, 3] = exp(%1)
          output y = %2
        }
        """
      )
    )
  }

  @Test func constantsAreComputed() throws {
    try expect(
      FoldConstants(),
      { graph in
        let x = graph.placeholder("x", shape: [3])
        return x * (graph.constant(2) + 3)
      },
      becomes: (
        before: """
        program p {
          %0: float32[3] = placeholder {input: "x"}
          %1: float32[] = constant {value: float32[] [2.0]}
          %2: float32[] = constant {value: float32[] [3.0]}
          %3: float32[] = add(%1, %2)
          %4: float32[3] = broadcast(%3) {shape: [3]}
          %5: float32[3] = multiply(%0, %4)
          output y = %5
        }
        """,
        after: """
        program p {
          %0: float32[3] = placeholder {input: "x"}
          %1: float32[] = constant {value: float32[] [5.0]}
          %2: float32[3] = broadcast(%1) {shape: [3]}
          %3: float32[3] = multiply(%0, %2)
          output y = %3
        }
        """
      )
    )
  }

  @Test func equalNodesAreShared() throws {
    try expect(
      EliminateCommonSubexpressions(),
      { graph in
        let x = graph.placeholder("x", shape: [3])
        return exp(x) + exp(x)
      },
      becomes: (
        before: """
        program p {
          %0: float32[3] = placeholder {input: "x"}
          %1: float32[3] = exp(%0)
          %2: float32[3] = exp(%0)
          %3: float32[3] = add(%1, %2)
          output y = %3
        }
        """,
        after: """
        program p {
          %0: float32[3] = placeholder {input: "x"}
          %1: float32[3] = exp(%0)
          %2: float32[3] = add(%1, %1)
          output y = %2
        }
        """
      )
    )
  }

  @Test func masksAreAskedOfActivations() throws {
    try expect(
      ReuseActivations(),
      { graph in
        let x = matmul(graph.placeholder("images", shape: [nil, 4]), graph.placeholder("w", shape: [4, 3]))
        let y = relu(x)
        return gradient(of: (y * y).sum(), by: x)
      },
      becomes: (
        before: """
        program p {
          %0: float32[n, 4] = placeholder {input: "images"}
          %1: float32[4, 3] = placeholder {input: "w"}
          %2: float32[n, 3] = contraction(%0, %1) {left_batch: [], left_contracted: [1], right_batch: [], right_contracted: [0]}
          %3: float32[] = constant {value: float32[] [0.0]}
          %4: float32[n, 3] = broadcast(%3) {shape: [n, 3]}
          %5: bool[n, 3] = compare(%4, %2) {relation: "less"}
          %6: float32[] = constant {value: float32[] [0.0]}
          %7: float32[n, 3] = broadcast(%6) {shape: [n, 3]}
          %8: float32[n, 3] = select(%5, %2, %7)
          %9: float32[] = constant {value: float32[] [1.0]}
          %10: float32[1, 1] = reshape(%9) {shape: [1, 1]}
          %11: float32[n, 3] = broadcast(%10) {shape: [n, 3]}
          %12: float32[n, 3] = multiply(%11, %8)
          %13: float32[n, 3] = multiply(%11, %8)
          %14: float32[n, 3] = add(%12, %13)
          %15: float32[] = constant {value: float32[] [0.0]}
          %16: float32[n, 3] = broadcast(%15) {shape: [n, 3]}
          %17: float32[n, 3] = select(%5, %14, %16)
          output y = %17
        }
        """,
        after: """
        program p {
          %0: float32[n, 4] = placeholder {input: "images"}
          %1: float32[4, 3] = placeholder {input: "w"}
          %2: float32[n, 3] = contraction(%0, %1) {left_batch: [], left_contracted: [1], right_batch: [], right_contracted: [0]}
          %3: float32[] = constant {value: float32[] [0.0]}
          %4: float32[n, 3] = broadcast(%3) {shape: [n, 3]}
          %5: bool[n, 3] = compare(%4, %2) {relation: "less"}
          %6: float32[] = constant {value: float32[] [0.0]}
          %7: float32[n, 3] = broadcast(%6) {shape: [n, 3]}
          %8: float32[n, 3] = select(%5, %2, %7)
          %9: float32[] = constant {value: float32[] [1.0]}
          %10: float32[1, 1] = reshape(%9) {shape: [1, 1]}
          %11: float32[n, 3] = broadcast(%10) {shape: [n, 3]}
          %12: float32[n, 3] = multiply(%11, %8)
          %13: float32[n, 3] = multiply(%11, %8)
          %14: float32[n, 3] = add(%12, %13)
          %15: float32[] = constant {value: float32[] [0.0]}
          %16: float32[n, 3] = broadcast(%15) {shape: [n, 3]}
          %17: bool[n, 3] = compare(%4, %8) {relation: "less"}
          %18: float32[n, 3] = select(%17, %14, %16)
          output y = %18
        }
        """
      )
    )
  }

  @Test func convolutionsBecomeProducts() throws {
    try expect(
      LowerConvolutions(),
      { graph in
        let images = graph.placeholder("images", shape: [nil, 8, 8, 3])
        return conv2D(images, graph.placeholder("kernel", shape: [3, 3, 3, 5]), strides: [2, 2], padding: .same)
      },
      becomes: (
        before: """
        program p {
          %0: float32[n, 8, 8, 3] = placeholder {input: "images"}
          %1: float32[3, 3, 3, 5] = placeholder {input: "kernel"}
          %2: float32[n, 4, 4, 5] = convolution(%0, %1) {groups: 1, input_axes: [0, 3, 1, 2], kernel_axes: [3, 2, 0, 1], output_axes: [0, 3, 1, 2], window: [2, 0, 1, 1, 1, 2, 0, 1, 1, 1]}
          output y = %2
        }
        """,
        after: """
        program p {
          %0: float32[n, 8, 8, 3] = placeholder {input: "images"}
          %1: float32[3, 3, 3, 5] = placeholder {input: "kernel"}
          %2: float32[n, 9, 9, 3] = pad(%0) {high: [0, 1, 1, 0], interior: [0, 0, 0, 0], low: [0, 0, 0, 0], value: float64[] [0.0]}
          %3: float32[n, 4, 4, 3, 3, 3] = windows(%2) {axes: [1, 2], dilations: [1, 1], sizes: [3, 3], strides: [2, 2]}
          %4: float32[n, 4, 4, 5] = contraction(%3, %1) {left_batch: [], left_contracted: [4, 5, 3], right_batch: [], right_contracted: [0, 1, 2]}
          output y = %4
        }
        """
      )
    )
  }

  @Test func transposedConvolutionsBecomePhases() throws {
    try expect(
      LowerConvolutions(),
      { graph in
        let images = graph.placeholder("images", shape: [nil, 4, 4, 3])
        return conv2DTranspose(
          images, graph.placeholder("kernel", shape: [2, 2, 5, 3]), strides: [2, 2], padding: .same)
      },
      becomes: (
        before: """
        program p {
          %0: float32[n, 4, 4, 3] = placeholder {input: "images"}
          %1: float32[2, 2, 5, 3] = placeholder {input: "kernel"}
          %2: float32[2, 2, 5, 3] = slice(%1) {sizes: [2, 2, 5, 3], starts: [1, 1, 0, 0], strides: [-1, -1, 1, 1]}
          %3: float32[n, 8, 8, 5] = convolution(%0, %2) {groups: 1, input_axes: [0, 3, 1, 2], kernel_axes: [2, 3, 0, 1], output_axes: [0, 3, 1, 2], window: [1, 1, 1, 2, 1, 1, 1, 1, 2, 1]}
          output y = %3
        }
        """,
        after: """
        program p {
          %0: float32[n, 4, 4, 3] = placeholder {input: "images"}
          %1: float32[2, 2, 5, 3] = placeholder {input: "kernel"}
          %2: float32[2, 2, 5, 3] = slice(%1) {sizes: [2, 2, 5, 3], starts: [1, 1, 0, 0], strides: [-1, -1, 1, 1]}
          %3: float32[1, 1, 5, 3] = slice(%2) {sizes: [1, 1, 5, 3], starts: [1, 1, 0, 0], strides: [1, 1, 1, 1]}
          %4: float32[n, 4, 4, 3, 1, 1] = windows(%0) {axes: [1, 2], dilations: [1, 1], sizes: [1, 1], strides: [1, 1]}
          %5: float32[n, 4, 4, 5] = contraction(%4, %3) {left_batch: [], left_contracted: [4, 5, 3], right_batch: [], right_contracted: [0, 1, 3]}
          %6: float32[1, 1, 5, 3] = slice(%2) {sizes: [1, 1, 5, 3], starts: [1, 0, 0, 0], strides: [1, 1, 1, 1]}
          %7: float32[n, 4, 4, 3, 1, 1] = windows(%0) {axes: [1, 2], dilations: [1, 1], sizes: [1, 1], strides: [1, 1]}
          %8: float32[n, 4, 4, 5] = contraction(%7, %6) {left_batch: [], left_contracted: [4, 5, 3], right_batch: [], right_contracted: [0, 1, 3]}
          %9: float32[1, 1, 5, 3] = slice(%2) {sizes: [1, 1, 5, 3], starts: [0, 1, 0, 0], strides: [1, 1, 1, 1]}
          %10: float32[n, 4, 4, 3, 1, 1] = windows(%0) {axes: [1, 2], dilations: [1, 1], sizes: [1, 1], strides: [1, 1]}
          %11: float32[n, 4, 4, 5] = contraction(%10, %9) {left_batch: [], left_contracted: [4, 5, 3], right_batch: [], right_contracted: [0, 1, 3]}
          %12: float32[1, 1, 5, 3] = slice(%2) {sizes: [1, 1, 5, 3], starts: [0, 0, 0, 0], strides: [1, 1, 1, 1]}
          %13: float32[n, 4, 4, 3, 1, 1] = windows(%0) {axes: [1, 2], dilations: [1, 1], sizes: [1, 1], strides: [1, 1]}
          %14: float32[n, 4, 4, 5] = contraction(%13, %12) {left_batch: [], left_contracted: [4, 5, 3], right_batch: [], right_contracted: [0, 1, 3]}
          %15: float32[n, 8, 8, 5] = interleave(%5, %8, %11, %14) {counts: [1, 2, 2, 1]}
          output y = %15
        }
        """
      )
    )
  }

  @Test func poolingBecomesReductions() throws {
    try expect(
      LowerWindowReductions(),
      { graph in
        maxPool2D(graph.placeholder("images", shape: [nil, 8, 8, 3]))
      },
      becomes: (
        before: """
        program p {
          %0: float32[n, 8, 8, 3] = placeholder {input: "images"}
          %1: float32[n, 4, 4, 3] = reduce_window(%0) {high: [0, 0, 0, 0], low: [0, 0, 0, 0], operation: "maximum", sizes: [1, 2, 2, 1], strides: [1, 2, 2, 1]}
          output y = %1
        }
        """,
        after: """
        program p {
          %0: float32[n, 8, 8, 3] = placeholder {input: "images"}
          %1: float32[n, 4, 4, 3, 2, 2] = windows(%0) {axes: [1, 2], dilations: [1, 1], sizes: [2, 2], strides: [2, 2]}
          %2: float32[n, 4, 4, 3] = reduce(%1) {axes: [4, 5], operation: "maximum"}
          output y = %2
        }
        """
      )
    )
  }

  @Test func columnsComeLast() throws {
    try expect(
      CanonicalizeContractions(),
      { graph in
        let w = graph.placeholder("w", shape: [5, 3])
        return matmul(graph.placeholder("x", shape: [nil, 3]), w, transposeB: true)
      },
      becomes: (
        before: """
        program p {
          %0: float32[5, 3] = placeholder {input: "w"}
          %1: float32[n, 3] = placeholder {input: "x"}
          %2: float32[n, 5] = contraction(%1, %0) {left_batch: [], left_contracted: [1], right_batch: [], right_contracted: [1]}
          output y = %2
        }
        """,
        after: """
        program p {
          %0: float32[5, 3] = placeholder {input: "w"}
          %1: float32[n, 3] = placeholder {input: "x"}
          %2: float32[3, 5] = transpose(%0) {permutation: [1, 0]}
          %3: float32[n, 5] = contraction(%1, %2) {left_batch: [], left_contracted: [1], right_batch: [], right_contracted: [0]}
          output y = %3
        }
        """
      )
    )
  }

  @Test func deadNodesGo() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [3])
    var program = try graph.program(Signature("p", outputs: ["y": x + x]))
    let whole = program.description
    // Programs are made without what no output needs; passes leave such nodes behind.
    program.nodes.append(program.nodes[1])
    #expect(program.description != whole)
    #expect(try EliminateDeadNodes().run(program).description == whole)
  }
}
