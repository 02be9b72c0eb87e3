import ElbowArrays
import ElbowGraph
import ElbowProbability
import Testing

/// One case a mistake: the smallest program and the whole sentence.
@Suite struct BijectorErrorTests {
  private func mistake(_ body: (Graph) -> Void) -> String? {
    let graph = Graph()
    body(graph)
    #expect(graph.diagnostics.count == 1)
    return graph.diagnostics.first?.message
  }

  @Test func aBijectorOfMoreAxesThanTheDistributionHas() {
    #expect(
      mistake {
        let normal = Normal(in: $0, loc: 0, scale: 1)
        _ = TransformedDistribution(normal, bijector: Bijectors.SoftmaxCentered()).logProb(0.5)
      }
        == "TransformedDistribution(_:bijector:): SoftmaxCentered(\"SoftmaxCentered\", forwardMinEventNDims: 1, "
        + "inverseMinEventNDims: 1) maps events of at least 1 axes, but Normal(\"Normal\", batchShape: [], eventShape: "
        + "[], dtype: float32) has 0 event axes and 0 batch axes.")
  }
  @Test func theMistakeIsAtTheUsersLine() throws {
    let graph = Graph()
    let line = #line + 1
    _ = TransformedDistribution(Normal(in: graph, loc: 0, scale: 1), bijector: Bijectors.Cumsum())
    let location = try #require(graph.diagnostics.first?.location)
    #expect(location.file.hasSuffix("BijectorErrorTests.swift"))
    #expect(location.line == line)
  }
  @Test func anEventOfAnotherSize() {
    #expect(
      mistake {
        _ = TransformedDistribution(
          MultivariateNormalDiag(in: $0, loc: [0, 0]), bijector: Bijectors.ScaleMatvecTriL($0.ones([3, 3])))
      }
        == "'forward' of ScaleMatvecTriL(\"ScaleMatvecTriL\", forwardMinEventNDims: 1, inverseMinEventNDims: 1): the value "
        + "is float32[2]; its last axis must have the extent 3 of the parameter 'scaleTriL', float32[3, 3].")
  }
  @Test func aScalarWhereAVectorIsNeeded() {
    #expect(
      mistake { _ = Bijectors.Ascending().forward($0.zeros([])) }
        == "'forward' of Ascending(\"Ascending\", forwardMinEventNDims: 1, inverseMinEventNDims: 1): the value is float32[], "
        + "but an event has 1 axes.")
  }
  @Test func tooFewEventAxes() {
    #expect(
      mistake { _ = Bijectors.Ascending().forwardLogDetJacobian($0.zeros([2, 3]), eventNDims: 0) }
        == "'forwardLogDetJacobian' of Ascending(\"Ascending\", forwardMinEventNDims: 1, inverseMinEventNDims: 1): an event of "
        + "float32[2, 3] cannot have 0 axes; it has at least 1 and at most 2.")
  }
  @Test func tooManyEventAxes() {
    #expect(
      mistake { _ = Bijectors.Exp().inverseLogDetJacobian($0.ones([3]), eventNDims: 2) }
        == "'inverseLogDetJacobian' of Exp(\"Exp\", forwardMinEventNDims: 0, inverseMinEventNDims: 0): an event of float32[3] "
        + "cannot have 2 axes; it has at least 0 and at most 1.")
  }
  @Test func integers() {
    #expect(
      mistake { _ = Bijectors.Exp().forward($0.zeros([3], dtype: .int32)) }
        == "'forward' of Exp(\"Exp\", forwardMinEventNDims: 0, inverseMinEventNDims: 0): the value is int32[3], but has to "
        + "be floating point; convert it with cast(to: .float32).")
  }
  @Test func anotherDType() {
    #expect(
      mistake { _ = Bijectors.Shift($0.zeros([3], dtype: .float64)).forward($0.zeros([3])) }
        == "'forward' of Shift(\"Shift\", forwardMinEventNDims: 0, inverseMinEventNDims: 0): the value is float32[3] and the "
        + "parameter 'shift' float64[3]; convert one with cast(to:).")
  }
  @Test func parametersOfTwoDTypes() {
    #expect(
      mistake { _ = Bijectors.GumbelCDF(loc: $0.zeros([3]), scale: $0.ones([], dtype: .float64)) }
        == "GumbelCDF(loc:scale:): the parameters 'loc', float32[3], and 'scale', float64[], differ in dtype; convert one with "
        + "cast(to:).")
  }
  @Test func aNegativeScale() {
    #expect(
      mistake { graph in
        let map = Bijectors.GumbelCDF(loc: 0.0, scale: -1.0)
        _ = map.forward(graph.zeros([3]))
        _ = map.inverse(graph.zeros([3]))
      } == "GumbelCDF(loc:scale:): the parameter 'scale' must be positive, but holds -1.0.")
  }
  @Test func aMatrixThatIsNotSquare() {
    #expect(
      mistake { _ = Bijectors.Affine(scaleTriL: $0.ones([2, 3])) }
        == "Affine(scaleTriL:): the parameter 'scaleTriL' has the shape [2, 3], but needs square matrices.")
  }
  @Test func noPermutation() {
    #expect(
      mistake { _ = Bijectors.Permute([0, 0, 1]).forward($0.zeros([3])) }?
        .hasSuffix("the value is float32[3]; [0, 0, 1] is no permutation of 0, 1, ..., 2.") == true)
  }
  @Test func noTriangle() {
    #expect(
      mistake { _ = Bijectors.FillTriangular().forward($0.zeros([5])) }?
        .hasSuffix("its last axis needs a known extent k (k + 1) / 2, such as 1, 3, 6 or 10.") == true)
  }
  @Test func shapesOfOtherNumbersOfElements() {
    #expect(
      mistake { _ = Bijectors.Reshape(eventShapeOut: [2, 2], eventShapeIn: [-1]).forward($0.zeros([5])) }?
        .hasSuffix("events of shape [5] cannot be reshaped from [-1] to [2, 2]: the numbers of elements differ.")
        == true)
  }
  @Test func blocksThatDoNotFit() {
    let blocks = Bijectors.Blockwise([Bijectors.Exp(), Bijectors.Tanh()], blockSizes: [1, 2])
    #expect(
      mistake { _ = blocks.forward($0.zeros([4])) }?
        .hasSuffix("its last axis must have the extent 3 of all blocks together.") == true)
  }
  @Test func aDirectionThatIsNotGiven() {
    let oneWay = Bijectors.Inline(forward: { 2 * $0 }, forwardMinEventNDims: 0, name: "twice")
    #expect(
      mistake { _ = oneWay.inverse($0.zeros([3])) }
        == "'inverse' of Inline(\"twice\", forwardMinEventNDims: 0, inverseMinEventNDims: 0) is not defined.")
    #expect(
      mistake { _ = oneWay.forwardLogDetJacobian($0.zeros([3])) }
        == "'forwardLogDetJacobian' of Inline(\"twice\", forwardMinEventNDims: 0, inverseMinEventNDims: 0) is not defined."
    )
  }
  @Test func eventShapesThatDoNotFit() {
    #expect(throws: ElbowError.self) { try Bijectors.SoftmaxCentered().forwardEventShape([]) }
    #expect(throws: ElbowError.self) { try Bijectors.SoftmaxCentered().inverseEventShape([1]) }
    #expect(throws: ElbowError.self) { try Bijectors.FillTriangular().inverseEventShape([2, 3]) }
    let chain = Bijectors.Chain([Bijectors.FillTriangular(), Bijectors.Exp()])
    #expect(throws: ElbowError.self) { try chain.forwardEventShape([5]) }
  }
}
