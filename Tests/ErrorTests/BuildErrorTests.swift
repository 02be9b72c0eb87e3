import Elbow
import Testing

/// Mistakes found while a graph is built: what, both types, whose line, what to do. ``MistakeTable`` goes through those listed here.
@Suite struct BuildErrorTests {
  static let shapes: [Mistake] = [
    Mistake(
      "'add' cannot be applied to (float32[2, 3], float32[4]): the shapes [2, 3] and [4] do not broadcast: axis -1 has 3 on "
        + "the left and 4 on the right, and neither is 1.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]) + $0.zeros([4]) },
    Mistake(
      "'contraction' cannot be applied to (float32[2, 3], float32[4, 5]): axis 1 of [2, 3] has the extent "
        + "3, but axis 0 of [4, 5], which it is multiplied with, has 4.",
      at: #line + 1
    ) { _ = matmul($0.zeros([2, 3]), $0.zeros([4, 5])) },
    Mistake(
      "float32[2, 3] cannot be reshaped to [-1, 4]: its 6 elements do not divide by 4.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).reshaped([-1, 4]) },
    Mistake(
      "float32[2, 3] cannot be reshaped to [-1, -1]: at most one extent may be -1, and none less.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).reshaped([-1, -1]) },
    Mistake(
      "'reshape' cannot be applied to (float32[2, 3]): [2, 3] has 6 elements and [4, 2] has 8.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).reshaped([4, 2]) },
    Mistake(
      "float32[n, 3] cannot be reshaped to [-1, 2]: its 3*n elements do not divide by 2.",
      at: #line + 1
    ) { _ = $0.placeholder("x", shape: [nil, 3]).reshaped([-1, 2]) },
    Mistake(
      "'concatenate' cannot be applied to (float32[2, 3], float32[2, 4]): [2, 3] and [2, 4] differ in another axis than 0.",
      at: #line + 1
    ) { _ = concatenate([$0.zeros([2, 3]), $0.zeros([2, 4])], axis: 0) },
    Mistake(
      "'slice' cannot be applied to (float32[2, 3]): axis 1 has the extent 3; 5 elements from 0 by 1 do not lie within it.",
      at: #line + 1
    ) { _ = $0.zeros([2, 3])[0..., ..<5] },
    Mistake(
      "A subscript of 2 parts does not fit float32[3]; expected at most 1.",
      at: #line + 1
    ) { _ = $0.zeros([3])[0, 1] },
    Mistake(
      "'transpose' cannot be applied to (float32[2, 3]): [0, 0] is not an order of the 2 axes of [2, 3].",
      at: #line + 1
    ) { _ = $0.zeros([2, 3]).transposed([0, 0]) },
    Mistake(
      "Dense(4) cannot be applied to float32[]: a scalar has no last axis.",
      at: #line + 1
    ) { _ = Dense(4)($0.constant(1)) },
    Mistake(
      "Dense(4) cannot be applied to float32[2, n]: the size of the last axis has to be known.",
      at: #line + 1
    ) { _ = Dense(4)($0.placeholder("x", shape: [2, nil])) },
    Mistake(
      "Normal(loc:scale:): the parameters 'loc' [3] and 'scale' [4] do not broadcast.",
      at: #line + 1
    ) { _ = Normal(loc: $0.zeros([3]), scale: $0.ones([4])) },
    Mistake(
      "'logProb' of Normal(\"Normal\", batchShape: [3], eventShape: [], dtype: float32): the value is float32[2], whose axes "
        + "before the event, [2], do not broadcast with the batch shape [3].",
      at: #line + 1
    ) { _ = Normal(in: $0, loc: [0, 0, 0], scale: 1).logProb($0.zeros([2])) },
    Mistake(
      "The variable 'w' would have the shape [n]; variables have fixed shapes.",
      at: #line + 1
    ) { _ = $0.variable("w", initialValue: $0.placeholder("x", shape: [nil])) },
    Mistake(
      "The placeholder 'x' has the extent 0; extents are at least 1, or nil.",
      at: #line + 1
    ) { _ = $0.placeholder("x", shape: [0]) },
  ]

  static let others: [Mistake] = [
    Mistake(
      "'add' cannot be applied to (float32[2], int32[2]): the dtypes float32 and int32 differ; convert one with cast(to:).",
      at: #line + 1
    ) { _ = $0.zeros([2]) + $0.zeros([2], dtype: .int32) },
    Mistake(
      "'exp' cannot be applied to (int32[2]): it needs floating-point operands, but found int32; convert with "
        + "cast(to: .float32).",
      at: #line + 1
    ) { _ = exp($0.zeros([2], dtype: .int32)) },
    Mistake(
      "Dense(4) cannot be applied to uint8[2, 3]: its input is floating point; convert it with cast(to: .float32).",
      at: #line + 1
    ) { _ = Dense(4)($0.zeros([2, 3], dtype: .uint8)) },
    Mistake(
      "Bernoulli(logits:): the parameter 'logits' is int32[3], but parameters are floating point; convert it with "
        + "cast(to: .float32).",
      at: #line + 1
    ) { _ = Bernoulli(logits: $0.zeros([3], dtype: .int32)) },
    Mistake(
      "Gradients are of floating-point scalars, but this is float32[2]: take its mean or sum first.",
      at: #line + 2
    ) {
      let x = $0.placeholder("x", shape: [2]); _ = gradient(of: x * x, by: x)
    },
    Mistake(
      "There is no gradient by the placeholder 'x': the value does not depend on it in a differentiable way.",
      at: #line + 2
    ) {
      let x = $0.placeholder("x", shape: [2]); _ = gradient(of: $0.constant(1), by: x)
    },
    Mistake(
      "There is no gradient by the placeholder 'i': it is int32, not floating point.",
      at: #line + 2
    ) {
      let i = $0.placeholder("i", dtype: .int32); _ = gradient(of: i.cast(to: .float32), by: i)
    },
    Mistake(
      "There is no gradient by the placeholder 'x': the value does not depend on it in a differentiable way.",
      at: #line + 2
    ) {
      let x = $0.placeholder("x"); _ = gradient(of: stopGradient(x), by: x)
    },
    Mistake(
      "There is nothing to minimize by: there are no parameters. Layers have parameters once they have been called.",
      at: #line + 1
    ) { _ = Adam().minimize($0.constant(1)) },
    Mistake(
      "The operands of 'add' belong to different graphs; build a model within one graph.",
      at: #line + 1
    ) { _ = $0.zeros([2]) + Graph().zeros([2]) },
    Mistake(
      "A placeholder cannot be named 'x': names are unique, not empty, of at most 200 bytes, and without control characters.",
      at: #line + 2
    ) {
      _ = $0.placeholder("x"); _ = $0.placeholder("x")
    },
    Mistake(
      "A variable cannot be named '': names are unique, not empty, of at most 200 bytes, and without control characters.",
      at: #line + 1
    ) { _ = $0.variable("", initialValue: $0.zeros([2])) },
    Mistake(
      "The variable 'w' would begin with a value that depends on the placeholder 'x'; initial values are made of constants and "
        + "random numbers.",
      at: #line + 1
    ) { _ = $0.variable("w", initialValue: $0.placeholder("x", shape: [2]) + 1) },
    Mistake(
      "The variable 'w' would begin with a value that depends on the variable 'v'; initial values are made of constants and "
        + "random numbers.",
      at: #line + 1
    ) { _ = $0.variable("w", initialValue: $0.variable("v", initialValue: $0.zeros([2]))) },
  ]

  @Test func oneMistakeIsToldOnceAndOthersAsNotes() {
    let graph = Graph()
    let first = #line + 1
    let wrong = graph.zeros([2]) + graph.zeros([3])
    _ = exp(wrong) * 2 + wrong
    _ = graph.placeholder("")
    let text = message { try graph.check() }
    #expect(
      text == """
        ErrorTests/BuildErrorTests.swift:\(first): error: 'add' cannot be applied to (float32[2], float32[3]): the shapes [2] \
        and [3] do not broadcast: axis -1 has 2 on the left and 3 on the right, and neither is 1.
          note: also: ErrorTests/BuildErrorTests.swift:\(first + 2): error: A placeholder cannot be named '': names are \
        unique, not empty, of at most 200 bytes, and without control characters.
        """)
  }

  /// Long chains of extents that turn out equal end in one symbol.
  @Test func fortyPlaceholdersOfOneBatchSize() throws {
    let graph = Graph()
    let inputs = (0..<40).map { graph.placeholder("x\($0)", shape: [nil]) }
    for (a, b) in zip(inputs.dropFirst(), inputs) { _ = a + b }
    #expect(Set(inputs.map(\.shape)).count == 1)
    let program = try graph.program(Signature("f", outputs: ["y": inputs[0] + inputs[39]]))
    #expect(program.symbols.count == 1)
  }
}
