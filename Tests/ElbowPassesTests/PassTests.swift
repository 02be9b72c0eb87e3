import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowPasses
import Testing

/// Each pass alone: a small graph, and the program it becomes, as text.
@Suite struct PassTests {
  /// The listing of a graph's one output after a pass.
  private func after(_ pass: some Pass, _ build: (Graph) -> Tensor) throws -> String {
    let graph = Graph()
    let result = build(graph)
    let program = try graph.program(Signature("p", outputs: ["y": result]))
    let rewritten = try pass.run(program)
    try Verifier().check(rewritten, after: pass.name)
    return rewritten.description
  }

  @Test func simplifiesIdentities() throws {
    let text = try after(SimplifyAlgebra()) { graph in
      let x = graph.placeholder("x", shape: [nil, 3])
      return -(-((x + 0) * 1 - 0)) / 1
    }
    #expect(
      text == """
        program p {
          %0: float32[n, 3] = placeholder {input: "x"}
          output y = %0
        }
        """)
  }

  /// The gradient of a select between a number and its negative, and sides that do not meet.
  @Test func mergesSelects() throws {
    func merged(_ build: (Tensor, Tensor) -> Tensor) throws -> String {
      try after(SimplifyAlgebra()) { graph in
        build(graph.placeholder("c", shape: [3], dtype: .bool), graph.placeholder("x", shape: [3]))
      }
    }
    let zero: (Tensor) -> Tensor = { $0.graph.zeros([3], dtype: $0.dtype) }
    let difference = try merged { select($0, zero($1), $1) - select($0, exp($1), zero($1)) }
    #expect(difference.contains("%3: float32[3] = negate(%2)") && difference.contains("= select(%0, %3, %1)"))
    let sum = try merged { select($0, $1, zero($1)) + select($0, zero($1), exp($1)) }
    #expect(sum.contains("%3: float32[3] = select(%0, %1, %2)") && sum.contains("output y = %3"))
    let same = try merged { select($0, $1, zero($1)) + select($0, exp($1), zero($1)) }
    #expect(same.contains("= add("))
  }

  @Test func keepsWhatIsNotIdentical() throws {
    // 0 * x is not 0 where x is NaN or infinite, and x - x is not 0 either.
    let text = try after(SimplifyAlgebra()) { graph in
      let x = graph.placeholder("x", shape: [])
      return x * 0 + (x - x)
    }
    #expect(text.contains("multiply") && text.contains("subtract"))
  }

  @Test func mergesViews() throws {
    let text = try after(SimplifyAlgebra()) { graph in
      let x = graph.placeholder("x", shape: [nil, 4, 6])
      return x.reshaped([-1, 24]).reshaped([-1, 4, 6]).transposed([0, 2, 1]).transposed([0, 2, 1])
    }
    #expect(text.contains("output y = %0"))
  }

  @Test func foldsConstants() throws {
    let text = try after(FoldConstants()) { graph in
      exp(graph.constant(0)) + graph.constant(2) * graph.constant(3)
    }
    #expect(
      text == """
        program p {
          %0: float32[] = constant {value: float32[] [7.0]}
          output y = %0
        }
        """)
  }

  @Test func sharesSubexpressions() throws {
    let text = try after(EliminateCommonSubexpressions()) { graph in
      let x = graph.placeholder("x", shape: [5])
      return exp(x) * exp(x)
    }
    #expect(text.components(separatedBy: "exp(").count == 2)
    #expect(text.contains("multiply(%1, %1)"))
  }

  @Test func doesNotShareDraws() throws {
    let text = try after(EliminateCommonSubexpressions()) { graph in
      graph.randomUniform([4]) + graph.randomUniform([4])
    }
    #expect(text.components(separatedBy: "random_bits").count == 3)
  }

  @Test(arguments: [0, 0.3]) func asksActivationsForTheirSign(_ slope: Double) throws {
    let text = try after(ReuseActivations()) { graph in
      let images = graph.placeholder("images", shape: [5, 3])
      let x = matmul(images, graph.placeholder("w", shape: [3, 5])) + 1
      let y = slope == 0 ? relu(x) : leakyRelu(x, alpha: slope)
      return gradient(of: (y * y).sum(), by: x)
    }
    let activation = try #require(text.firstMatch(of: /(%\d+): float32\[5, 5\] = select/)?.1)
    #expect(text.contains(try Regex("compare\\(%\\d+, \(activation)\\)")), "\(text)")
  }

  @Test func keepsSignsThatActivationsLose() throws {
    // Of a negative slope's result nothing can be told, nor of another threshold's.
    for threshold in [0.0, 1] {
      let text = try after(ReuseActivations()) { graph in
        let x = matmul(graph.placeholder("x", shape: [5, 5]), graph.placeholder("w", shape: [5, 5]))
        let y = select(x > threshold, x, x * (threshold == 0 ? -0.5 : 0.5))
        return gradient(of: (y * y).sum(), by: x)
      }
      #expect(text.components(separatedBy: "compare(").count == 2, "\(text)")
    }
  }

  @Test func dropsDeadNodes() throws {
    let text = try after(EliminateDeadNodes()) { graph in
      let x = graph.placeholder("x", shape: [5])
      _ = exp(x)
      return x + x
    }
    #expect(!text.contains("exp"))
  }

  @Test func putsColumnsLast() throws {
    let text = try after(CanonicalizeContractions()) { graph in
      matmul(graph.placeholder("x", shape: [nil, 3]), graph.placeholder("w", shape: [5, 3]), transposeB: true)
    }
    #expect(text.contains("transpose(%1) {permutation: [1, 0]}"))
    #expect(text.contains("right_contracted: [0]"))
  }

  @Test func verifierFindsWrongTypes() throws {
    let graph = Graph()
    let y = exp(graph.placeholder("x", shape: [3]))
    var program = try graph.program(Signature("p", outputs: ["y": y]))
    program.nodes[1].type = TensorType(.float32, [4])
    #expect(throws: ElbowError.self) { try Verifier().check(program, after: "a test") }
    program.nodes[1].type = TensorType(.float32, [3])
    program.nodes[1].inputs = [1]
    #expect(throws: ElbowError.self) { try Verifier().check(program, after: "a test") }
  }
}
