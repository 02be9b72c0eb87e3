import ElbowArrays
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import TestSupport
import Testing

/// Properties of all bijectors, whatever their formulas.
@Suite struct BijectorTests {
  /// A bijector of each kind, with the shape of an event that it maps, made of constants.
  private static func samples(_ graph: Graph) -> [(bijector: any Bijector, event: [Int])] {
    let matrix = graph.constant([1.5, 0, 0, 0.3, -0.8, 0, 0.2, -0.4, 1.1], dtype: .float64).reshaped([3, 3])
    let factor = graph.constant([0.3, -0.2, 0.5, 0.1, 0.4, -0.6], dtype: .float64).reshaped([3, 2])
    return [
      (Bijectors.Affine(shift: [1.0, 2, 3], scaleTriL: matrix, scalePerturbFactor: factor), [3]),
      (Bijectors.Affine(scaleIdentityMultiplier: 0.5, scaleDiag: [1.0, 2, -3], scalePerturbFactor: factor), [3]),
      (Bijectors.AffineScalar(shift: 1.0, scale: -2.0), []), (Bijectors.Ascending(), [3]),
      (Bijectors.BatchNormalization(mean: [0.5, 1], variance: [2.0, 0.3], gamma: 1.5, beta: 0.2), [2]),
      (Bijectors.Blockwise([Bijectors.Exp(), Bijectors.Scale(logScale: 0.3)], blockSizes: [1, 2]), [3]),
      (Bijectors.Chain([Bijectors.Exp(), Bijectors.Shift(0.5), Bijectors.Softplus(low: 0.1)]), []),
      (Bijectors.CorrelationCholesky(), [3]), (Bijectors.Cumsum(), [3]),
      (Bijectors.DiscreteCosineTransform(), [4]), (Bijectors.Expm1(), []), (Bijectors.FillScaleTriL(), [3]),
      (Bijectors.GumbelCDF(loc: 0.5, scale: 2.0), []), (Bijectors.Invert(Bijectors.Sinh()), []),
      (Bijectors.LeakyReLU(), []), (Bijectors.NormalCDF(), []), (Bijectors.Permute([1, 2, 0]), [3]),
      (
        Bijectors.RationalQuadraticSpline(
          binWidths: [0.7, 1.3], binHeights: [1.1, 0.9], knotSlopes: [0.6], rangeMin: -1), []
      ),
      (Bijectors.Reshape(eventShapeOut: [2, 2], eventShapeIn: [4]), [4]),
      (Bijectors.ScaleMatvecLU(lowerUpper: matrix, permutation: [2, 0, 1]), [3]),
      (Bijectors.Sigmoid(low: -1.0, high: 2.0), []), (Bijectors.SinhArcsinh(skewness: 0.3, tailweight: 1.4), []),
      (Bijectors.SoftClip(low: -1.0, high: 1.5, hingeSoftness: 0.5), []), (Bijectors.SoftClip(high: 1.5), []),
      (Bijectors.Softsign(), []), (Bijectors.Tanh(), []), (Bijectors.Transpose([1, 0]), [2, 3]),
      (Bijectors.TransformDiagonal(Bijectors.Exp()), [2, 2]),
    ]
  }

  private static func point(_ shape: [Int]) throws -> HostArray {
    let count = shape.reduce(1, *)
    let values = (0..<count).map { index -> Double in
      let position = Double(index)
      return index % 2 == 0 ? 0.37 + 0.41 * position : 0.14 + 0.41 * position
    }
    return try HostArray(values, shape: shape)
  }

  /// The formulas fit each other and the Jacobian by differences.
  @Test(arguments: samples(Graph()).indices)
  func formulasFit(index: Int) throws {
    let graph = Graph()
    let (bijector, event) = Self.samples(graph)[index]
    // Of triangular matrices only some elements count, so differences of all make no sense; goldens cover them.
    try bijector.verify(at: try Self.point(event), in: graph)
  }

  @Test(arguments: samples(Graph()).indices)
  func inverseOfForwardIsTheSameTensor(index: Int) throws {
    let graph = Graph()
    let (bijector, event) = Self.samples(graph)[index]
    let x = graph.placeholder("x", shape: [5] + event, dtype: .float64)
    let y = bijector.forward(x)
    #expect(bijector.inverse(y) == x)
    let twin = Bijectors.Invert(bijector)
    #expect(twin.forward(y) == x)
    #expect(twin.inverse(twin.forward(y)) == y)
    let count = graph.nodes.count
    #expect(bijector.forward(x) == y)
    #expect(graph.nodes.count == count)
    try graph.check()
  }

  @Test(arguments: samples(Graph()).indices)
  func logDeterminantsOfBothSidesAreShared(index: Int) throws {
    let graph = Graph()
    let (bijector, event) = Self.samples(graph)[index]
    let x = graph.placeholder("x", shape: [5] + event, dtype: .float64)
    let y = bijector.forward(x)
    let sum = bijector.forwardLogDetJacobian(x) + bijector.inverseLogDetJacobian(y)
    #expect(sum.shape == [5])
    let values = try ReferenceBackend().value(sum, feeding: ["x": try Self.point([5] + event)])
    #expect(values.doubles == [0, 0, 0, 0, 0])
  }

  @Test func theLogDeterminantIsComputedWhereTheValueCameFrom() throws {
    let graph = Graph()
    let y = graph.placeholder("y", shape: [3], dtype: .float64)
    let sigmoid = Bijectors.Sigmoid()
    let x = sigmoid.inverse(y)
    // No softplus, which the formula at x has: the logarithms of y do.
    let logDet = sigmoid.forwardLogDetJacobian(x)
    let program = try graph.program(Signature("test", outputs: ["logDet": logDet]))
    #expect(!program.nodes.contains { type(of: $0.primitive).name == "exp" })
  }

  @Test func inlineIsFoundOut() throws {
    let at = HostArray([0.5, -2.0])
    let wrongInverse = Bijectors.Inline(
      forward: { 3 * $0 }, inverse: { $0 / 2 }, forwardMinEventNDims: 1)
    #expect(throws: ElbowError.self) { try wrongInverse.verify(at: at) }
    let wrongSign = Bijectors.Inline(
      forward: { 3 * $0 }, inverse: { $0 / 3 }, inverseLogDetJacobian: { log(3 * $0.onesLike()).sum(axes: [-1]) },
      forwardMinEventNDims: 1)
    do {
      try wrongSign.verify(at: at)
      Issue.record("nothing was thrown")
    } catch let error as ElbowError {
      #expect(error.message.contains("by differences of forward"))
    }
    let contradiction = Bijectors.Inline(
      forward: { 3 * $0 }, inverse: { $0 / 3 }, forwardLogDetJacobian: { log(3 * $0.onesLike()).sum(axes: [-1]) },
      inverseLogDetJacobian: { $0.zerosLike().sum(axes: [-1]) }, forwardMinEventNDims: 1)
    do {
      try contradiction.verify(at: at)
      Issue.record("nothing was thrown")
    } catch let error as ElbowError {
      #expect(error.message.contains("should be each other's negatives"))
    }
    let right = Bijectors.Inline(
      forward: { 3 * $0 }, inverse: { $0 / 3 }, forwardLogDetJacobian: { log(3 * $0.onesLike()).sum(axes: [-1]) },
      forwardMinEventNDims: 1)
    try right.verify(at: at)
    try right.verify(at: HostArray([Float(0.5), -2]))
  }

  @Test func aVariableStaysWithinItsConstraint() throws {
    let graph = Graph()
    let scale = graph.scope("prior") {
      graph.variable(
        "scale", initialValue: graph.constant([0.5, 2], dtype: .float64), constrainedBy: Bijectors.Softplus())
    }
    #expect(
      graph.variables(role: .parameter).compactMap { graph.declaration(of: $0)?.name } == ["prior/scale/unconstrained"])
    let state = try ReferenceEvaluator(graph.initializer()).run().updates
    let value = try ReferenceBackend().value(scale, state: state)
    #expect(zip(value.doubles, [0.5, 2]).allSatisfy { abs($0 - $1) < 1e-15 })
    let stored = HostArray([-30.0, 30])
    let moved = try ReferenceBackend().value(scale, state: ["prior/scale/unconstrained": stored])
    #expect(moved.doubles.allSatisfy { $0 > 0 })
  }

  @Test func printedForm() {
    #expect("\(Bijectors.Exp())" == "Exp(\"Exp\", forwardMinEventNDims: 0, inverseMinEventNDims: 0)")
    #expect(
      "\(Bijectors.FillTriangular(name: "scale"))"
        == "FillTriangular(\"scale\", forwardMinEventNDims: 1, inverseMinEventNDims: 2)")
    #expect(Bijectors.Chain([Bijectors.Exp(), Bijectors.Shift(1.0)]).name == "ChainOfExpOfShift")
    #expect(Bijectors.Split([1, 2]).description == "Split(\"Split\", [1, 2])")
  }

  @Test func aBatchOfAnySize() throws {
    let graph = Graph()
    let x = graph.placeholder("x", shape: [nil, 3])
    let flow = Bijectors.Chain([Bijectors.SoftmaxCentered(), Bijectors.ScaleMatvecDiag([1.0, 2, 3])])
    let (y, logDet) = (flow.forward(x), flow.forwardLogDetJacobian(x))
    try graph.check()
    #expect(y.shape == [x.shape[0], 4])
    #expect(logDet.shape == [x.shape[0]])
  }
}
