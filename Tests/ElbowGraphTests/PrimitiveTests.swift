import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import Testing

/// One sample of one primitive, as a test argument.
struct SampleCase: Sendable, CustomTestStringConvertible {
  let name: String
  let index: Int
  let sample: PrimitiveSample
  var testDescription: String { "\(name) \(index)" }

  static let all: [SampleCase] = PrimitiveRegistry.all.flatMap { primitive in
    primitive.samples.enumerated().map { SampleCase(name: primitive.name, index: $0.offset, sample: $0.element) }
  }

  func operands(seed: UInt64, dtypes: [DType]? = nil) throws -> [HostArray] {
    var generator = TestGenerator(seed: seed &+ UInt64(index) &* 7919)
    var values = try sample.operands.enumerated().map { position, type in
      try HostArray.random(
        dtypes?[position] ?? type.dtype, #require(type.shape.extents), in: sample.range, &generator)
    }
    if sample.preparation == .positiveDefinite { values[0] = try values[0].positiveDefinite() }
    return values
  }

  func evaluate(_ operands: [HostArray]) throws -> HostArray {
    let type = try sample.primitive.resultType(of: operands.map { TensorType($0.dtype, Shape($0.shape)) })
    return try sample.primitive.evaluate(
      EvaluationContext(
        inputs: operands, dtype: type.dtype, shape: #require(type.shape.extents), bindings: [:],
        random: RandomState(seed: 1)))
  }
}

@Suite struct PrimitiveTests {
  /// Primitives that no sample can stand for: the evaluator supplies the value of these.
  static let withoutSamples = ["placeholder", "variable"]

  @Test func everyPrimitiveHasSamples() {
    let missing = PrimitiveRegistry.all.filter { $0.samples.isEmpty }.map { $0.name }
    #expect(missing.sorted() == PrimitiveTests.withoutSamples)
    #expect(Set(PrimitiveRegistry.all.map { $0.name }).count == PrimitiveRegistry.all.count)
  }

  @Test(arguments: SampleCase.all) func evaluationHasTheResultsType(_ testCase: SampleCase) throws {
    let type = try testCase.sample.primitive.resultType(of: testCase.sample.operands)
    let result = try testCase.evaluate(testCase.operands(seed: 1))
    #expect(result.dtype == type.dtype)
    #expect(result.shape == type.shape.extents)
  }

  @Test(arguments: SampleCase.all) func attributesMakeThePrimitiveAgain(_ testCase: SampleCase) throws {
    func remake<P: Primitive>(_ primitive: P) throws -> Bool { try P(attributes: primitive.attributes) == primitive }
    #expect(try remake(testCase.sample.primitive))
  }

  /// The first axis of the operands is a batch for most primitives: where the sample's first axes are the same, a symbol in
  /// their place must give the result the same type with the symbol, or be refused.
  @Test(arguments: SampleCase.all) func aSymbolicFirstAxisAgreesWithAFixedOne(_ testCase: SampleCase) throws {
    let operands = testCase.sample.operands
    guard let first = operands.first, first.shape.rank > 0 else { return }
    let symbolic = operands.map { operand in
      var operand = operand
      if operand.shape.rank > 0, operand.shape[0] == first.shape[0] {
        operand.shape.dimensions[0] = Dimension(symbol: "n")
      }
      return operand
    }
    guard let type = try? testCase.sample.primitive.resultType(of: symbolic) else { return }
    let bound = type.shape.substituting(["n": first.shape[0]])
    #expect(TensorType(type.dtype, bound) == (try testCase.sample.primitive.resultType(of: operands)))
  }

  @Test(arguments: SampleCase.all.filter { $0.sample.primitive is any LoopPrimitive })
  func loweringComputesWhatEvaluationDoes(_ testCase: SampleCase) throws {
    let primitive = try #require(testCase.sample.primitive as? any LoopPrimitive)
    let operands = try testCase.operands(seed: 2)
    let expected = try testCase.evaluate(operands)
    let result = TensorType(expected.dtype, Shape(expected.shape))
    let nest = primitive.lower(operands: testCase.sample.operands, result: result)
    let found = try LoopInterpreter.run(nest, on: operands, dtype: expected.dtype, shape: expected.shape)
    let tolerance = expected.dtype == .float32 ? 1e-4 : 1e-12
    #expect(agree(found.doubles, expected.doubles, tolerance: tolerance))

    // The same with a symbol for the extent of the first axes, where the primitive takes one.
    let batch = operands[0].shape.first ?? 1
    let symbolic = testCase.sample.operands.map { operand in
      var operand = operand
      if operand.shape.rank > 0, operand.shape[0].value == batch {
        operand.shape.dimensions[0] = Dimension(symbol: "n")
      }
      return operand
    }
    guard let type = try? primitive.resultType(of: symbolic), type.shape.evaluated(with: ["n": batch]) == expected.shape
    else { return }
    let again = try LoopInterpreter.run(
      primitive.lower(operands: symbolic, result: type), on: operands, dtype: expected.dtype, shape: expected.shape,
      bindings: ["n": batch])
    #expect(again == found)
  }

  @Test(arguments: SampleCase.all.filter(\.sample.isDifferentiable))
  func gradientsAgreeWithDifferences(_ testCase: SampleCase) throws {
    try checkGradient(testCase, order: 1)
  }

  @Test(
    arguments: SampleCase.all.filter {
      let names = [
        "convolution", "reduce_window", "cholesky", "triangular_solve", "gather", "scatter_add", "cumulative_sum",
        "contraction", "exp", "tanh", "divide",
      ]
      return $0.sample.isDifferentiable && names.contains($0.name)
    })
  func secondDerivativesAgreeWithDifferences(_ testCase: SampleCase) throws {
    try checkGradient(testCase, order: 2)
  }

  /// Compares the derivative of a random projection along random directions with central differences, in float64.
  ///
  /// For second derivatives the function is not the projection but the sum of its gradient's squares. A Cholesky operand
  /// moves symmetrically, since only one triangle of it is read.
  private func checkGradient(_ testCase: SampleCase, order: Int) throws {
    let dtypes = testCase.sample.operands.map { $0.dtype == .float32 ? DType.float64 : $0.dtype }
    let graph = Graph()
    let inputs = testCase.sample.operands.enumerated().map { index, type in
      graph.placeholder("x\(index)", shape: type.shape.extents ?? [], dtype: dtypes[index])
    }
    let smooth = inputs.filter { $0.dtype.isFloatingPoint }
    guard !smooth.isEmpty else { return }
    func apply<P: Primitive>(_ primitive: P) -> Tensor { graph.apply(primitive, inputs) }
    let isNarrowing = (testCase.sample.primitive as? Cast)?.dtype == .float32
    let y = isNarrowing ? graph.apply(Cast(to: .float64), inputs) : apply(testCase.sample.primitive)
    let weights = graph.placeholder("weights", shape: y.shape.extents ?? [], dtype: y.dtype)
    var value = (y * weights).sum()
    if order == 2 {
      let first = gradients(of: value, by: smooth, unconnected: .zero)
      value = first.reduce(value) { $0 + ($1 * $1).sum() }
    }
    let derivatives = gradients(of: value, by: smooth, unconnected: .zero)
    try graph.check()
    let program = try graph.program(
      Signature("test", outputs: ["value": value]))
    var signature = Signature("gradient")
    signature.outputs = derivatives.enumerated().map { ("\($0.offset)", $0.element) }
    let gradientProgram = try graph.program(signature)

    for seed in 3..<UInt64(order == 1 ? 6 : 4) {
      let operands = try testCase.operands(seed: seed, dtypes: dtypes)
      var generator = TestGenerator(seed: seed)
      var feeds = ["weights": try HostArray.random(y.dtype, y.shape.extents ?? [], in: -1...1, &generator)]
      for (index, operand) in operands.enumerated() { feeds["x\(index)"] = operand }
      let found = try ReferenceEvaluator(gradientProgram).run(feeding: used(feeds, gradientProgram))
      var total = 0.0
      var (before, after) = (feeds, feeds)
      let step = order == 1 ? 1e-6 : 1e-5
      var position = 0
      for (index, operand) in operands.enumerated() where operand.dtype.isFloatingPoint {
        var direction = try HostArray.random(.float64, operand.shape, in: -1...1, &generator)
        if testCase.sample.preparation == .positiveDefinite { direction = try direction.positiveDefinite() }
        let gradient = try #require(found.outputs["\(position)"])
        position += 1
        total += zip(direction.doubles, gradient.doubles).reduce(0) { $0 + $1.0 * $1.1 }
        after["x\(index)"] = try HostArray(
          zip(operand.doubles, direction.doubles).map { $0 + step * $1 }, shape: operand.shape)
        before["x\(index)"] = try HostArray(
          zip(operand.doubles, direction.doubles).map { $0 - step * $1 }, shape: operand.shape)
      }
      let high = try #require(ReferenceEvaluator(program).run(feeding: used(after, program)).outputs["value"]).doubles[
        0]
      let low = try #require(ReferenceEvaluator(program).run(feeding: used(before, program)).outputs["value"]).doubles[
        0]
      let difference = (high - low) / (2 * step)
      #expect(
        agree([total], [difference], tolerance: order == 1 ? 1e-5 : 1e-4),
        "derivative \(total), difference \(difference)")
    }
  }

  private func used(_ feeds: [String: HostArray], _ program: Program) -> [String: HostArray] {
    feeds.filter { feed in program.inputs.contains { $0.name == feed.key } }
  }
}
