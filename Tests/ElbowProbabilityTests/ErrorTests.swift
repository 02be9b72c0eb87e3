import ElbowArrays
import ElbowGraph
import ElbowProbability
import Testing

/// One case a mistake: the smallest program and the whole sentence.
@Suite struct DistributionErrorTests {
  private func mistake(_ body: (Graph) -> Void) -> String? {
    let graph = Graph()
    body(graph)
    return graph.diagnostics.first?.message
  }

  @Test func parametersThatDoNotBroadcast() {
    #expect(
      mistake { _ = Normal(loc: $0.zeros([3]), scale: $0.ones([4])) }
        == "Normal(loc:scale:): the parameters 'loc' [3] and 'scale' [4] do not broadcast.")
  }
  @Test func eventAxesThatDoNotBroadcast() {
    #expect(
      mistake { _ = MultivariateNormalDiag(loc: $0.zeros([2, 3]), scaleDiag: $0.ones([4])) }
        == "MultivariateNormalDiag(loc:scaleDiag:): the event axes of 'loc' [2, 3] and 'scaleDiag' [4] do not broadcast."
    )
  }
  @Test func aScalarWhereAVectorIsNeeded() {
    #expect(
      mistake { _ = MultivariateNormalDiag(in: $0, loc: 0) }
        == "MultivariateNormalDiag(loc:): the parameter 'loc' has the shape [], but needs at least 1 axis.")
  }
  @Test func parametersOfIntegers() {
    #expect(
      mistake { _ = Bernoulli(logits: $0.zeros([3], dtype: .int32)) }
        == "Bernoulli(logits:): the parameter 'logits' is int32[3], but parameters are floating point; convert it with "
        + "cast(to: .float32).")
  }
  @Test func parametersOfTwoDTypes() {
    #expect(
      mistake { _ = Normal(loc: $0.zeros([3]), scale: $0.ones([], dtype: .float64)) }
        == "Normal(loc:scale:): the parameters 'loc', float32[3], and 'scale', float64[], differ in dtype; convert one with "
        + "cast(to:).")
  }
  @Test func numbersOutsideTheConstraint() {
    #expect(
      mistake { _ = Normal(in: $0, loc: 0, scale: -1) }
        == "Normal(loc:scale:): the parameter 'scale' must be positive, but holds -1.0.")
    #expect(
      mistake { _ = Bernoulli(in: $0, probs: [0.5, 1.5]) }
        == "Bernoulli(probs:): the parameter 'probs' must lie between 0 and 1, but holds 1.5.")
  }
  @Test func tooManyReinterpretedAxes() {
    #expect(
      mistake { _ = Independent(Bernoulli(in: $0, logits: [0, 1]), reinterpretedBatchNDims: 2) }
        == "Independent(_:reinterpretedBatchNDims:): 2 axes of the batch shape [2] of Bernoulli cannot be reinterpreted; it "
        + "has 1.")
  }
  @Test func aFactorThatIsNotSquare() {
    #expect(
      mistake { _ = MultivariateNormalTriL(loc: $0.zeros([2]), scaleTriL: $0.ones([2, 3])) }
        == "MultivariateNormalTriL(loc:scaleTriL:): the parameter 'scaleTriL' has the shape [2, 3], but needs square "
        + "matrices.")
  }
  @Test func aFactorOfAnotherSize() {
    #expect(
      mistake { _ = MultivariateNormalTriL(loc: $0.zeros([2]), scaleTriL: $0.ones([3, 3])) }
        == "MultivariateNormalTriL(loc:scaleTriL:): the event axes of 'loc' [2] and 'scaleTriL' [3, 3] do not broadcast."
    )
  }
  @Test func parametersOfAnotherSize() {
    #expect(
      mistake { _ = MultivariateNormalTriL(params: $0.zeros([4, 5]), eventSize: 3) }
        == "MultivariateNormalTriL(params:eventSize:): events of 3 elements cannot be described by float32[4, 5], whose last "
        + "axis must be 9.")
    #expect(
      mistake { _ = MultivariateNormalTriL(params: $0.zeros([4, 5]), eventSize: 0) }
        == "MultivariateNormalTriL(params:eventSize:): events of 0 elements cannot be described by float32[4, 5].")
  }
  @Test func noiseOfAnotherSize() {
    #expect(
      mistake {
        _ = MultivariateNormalTriL(in: $0, loc: [0, 0], scaleTriL: [[1, 0], [0, 1]]).sampleAndLogProb(
          noise: $0.zeros([3]))
      }?.hasSuffix("the noise is float32[3], but its last axis must be the event.") == true)
  }
  @Test func aMixtureOfOtherCategories() {
    #expect(
      mistake {
        _ = MixtureSameFamily(
          mixtureDistribution: Categorical(in: $0, probs: [0.5, 0.5]),
          componentsDistribution: Normal(in: $0, loc: [0, 1, 2], scale: 1))
      }
        == "MixtureSameFamily(mixtureDistribution:componentsDistribution:): the last batch axis of Normal(\"Normal\", "
        + "batchShape: [3], eventShape: [], dtype: float32) has to be the 2 categories of the mixture.")
  }
  @Test func aMixtureOfAnotherBatch() {
    #expect(
      mistake {
        _ = MixtureSameFamily(
          mixtureDistribution: Categorical(logits: $0.zeros([3, 2])),
          componentsDistribution: Normal(loc: $0.zeros([4, 2]), scale: 1))
      }
        == "MixtureSameFamily(mixtureDistribution:componentsDistribution:): the mixture's batch shape [3] does not "
        + "broadcast with that of the components, [4].")
  }
  @Test func aMixtureOfAnotherDType() {
    #expect(
      mistake {
        _ = MixtureSameFamily(
          mixtureDistribution: Categorical(in: $0, probs: [0.5, 0.5], dtype: .float64),
          componentsDistribution: Normal(in: $0, loc: [0, 1], scale: 1))
      }
        == "MixtureSameFamily(mixtureDistribution:componentsDistribution:): the mixture's parameters are float64, the "
        + "components' float32; convert one with cast(to:).")
  }
  @Test func aValueOfAnotherEventShape() {
    #expect(
      mistake { _ = MultivariateNormalDiag(in: $0, loc: [0, 0]).logProb($0.zeros([5, 3])) }
        == "'logProb' of MultivariateNormalDiag(\"MultivariateNormalDiag\", batchShape: [], eventShape: [2], dtype: float32): "
        + "the value is float32[5, 3], but its last axes must be the event shape [2].")
  }
  @Test func aValueOfAnotherBatchShape() {
    #expect(
      mistake { _ = Normal(in: $0, loc: [0, 0, 0], scale: 1).cdf($0.zeros([4])) }
        == "'cdf' of Normal(\"Normal\", batchShape: [3], eventShape: [], dtype: float32): the value is float32[4], whose axes "
        + "before the event, [4], do not broadcast with the batch shape [3].")
  }
  @Test func aStatisticThatIsNotDefined() {
    #expect(
      mistake { _ = Categorical(in: $0, logits: [0, 1]).covariance() } == "'covariance' of Categorical is not defined.")
  }
  @Test func aPairWithoutARule() {
    #expect(
      mistake { _ = Normal(in: $0, loc: 0, scale: 1).klDivergence(Bernoulli(in: $0, logits: 0)) }
        == "The KL divergence of Normal(\"Normal\", batchShape: [], eventShape: [], dtype: float32) from "
        + "Bernoulli(\"Bernoulli\", batchShape: [], eventShape: [], dtype: int32) has no rule; add one with "
        + "KLDivergence.register(Normal.self, Bernoulli.self) { ... }, or estimate it with "
        + "monteCarloKLDivergence(_:samples:).")
  }
  @Test func aMistakeIsReportedOnceAndAtTheUsersLine() {
    let graph = Graph()
    let line = #line + 1
    let normal = Normal(loc: graph.zeros([3]), scale: graph.ones([4]))
    _ = normal.sample([2]) + normal.mean()
    _ = normal.klDivergence(normal)
    #expect(graph.diagnostics.count == 1)
    #expect(graph.diagnostics.first?.location?.line == line)
    #expect(graph.diagnostics.first?.location?.file.hasSuffix("ErrorTests.swift") == true)
  }
  @Test func rulesCanBeRegistered() throws {
    struct Point: Distribution {
      let traits: DistributionTraits
      init(in graph: Graph) {
        var table = ParameterTable("Point", in: graph, dtype: .float32)
        traits = table.traits()
      }
    }
    KLDivergence.register(Point.self, Point.self) { a, _ in a.graph.constant(3) }
    let graph = Graph()
    #expect(Point(in: graph).klDivergence(Point(in: graph)).isValid)
    try graph.check()
  }
}
