import Elbow
import ElbowInference
import Testing

/// What is wrong with a model or its data is said in a sentence, with the line of the model where one is at fault.
@Suite struct ModelMistakeTests {
  private func message(
    _ data: [String: any ArrayConvertible] = [:], coords: [String: [String]] = [:],
    _ body: @escaping @Sendable (ModelContext) throws -> Void
  ) -> String {
    do {
      var options = SamplerOptions()
      (options.chains, options.warmup, options.draws) = (1, 10, 10)
      _ = try BayesianModel(coords: coords, body)
        .compile(data, cache: TestCache.cache(), options: BuildOptions(optimization: 1)).sample(options)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func missingData() {
    let text = message(["x": [1.0]]) { m in m.observe("y", Normal(in: m.graph, loc: 0, scale: 1)) }
    #expect(text.contains("needs the data 'y', but given are only 'x'") && text.contains("ModelMistakeTests.swift"))
  }

  @Test func dataThatDoNotAgreeAboutADimension() {
    let text = message(["x": [1.0, 2.0], "y": [1.0, 2.0, 3.0]]) { m in
      let mu = m.sample("mu", Normal(loc: m.data("x", dims: ["row"]), scale: 1))
      m.observe("y", Normal(loc: mu, scale: 1.0), dims: ["row"])
    }
    #expect(
      text.contains("'row' has the extent 2, but 'y' has 3 positions") && text.contains("ModelMistakeTests.swift"))
  }

  @Test func labelsThatDoNotFit() {
    let text = message(["x": [1.0, 2.0]], coords: ["row": ["a", "b", "c"]]) { m in
      _ = m.sample("mu", Normal(loc: m.data("x", dims: ["row"]), scale: 1))
    }
    #expect(text.contains("'row' has 3 labels, but 'x' has 2 positions"))
  }

  @Test func anUnknownDimension() {
    let text = message { m in _ = m.sample("mu", Normal(in: m.graph, loc: 0, scale: 1), dims: ["school"]) }
    #expect(text.contains("The dimension 'school' is not known here") && text.contains("ModelMistakeTests.swift"))
  }

  @Test func aDiscreteParameter() {
    let text = message { m in _ = m.sample("k", Poisson(in: m.graph, rate: 3)) }
    #expect(text.contains("'k' has a discrete distribution") && text.contains("Sum it out"))
  }

  @Test func aNonCentredGamma() {
    let text = message { m in
      _ = m.sample("x", Gamma(in: m.graph, concentration: 2, rate: 1), parameterization: .nonCentered)
    }
    #expect(text.contains("'x' cannot be non-centred: Gamma has no location and scale"))
  }

  @Test func aNameTwice() {
    let text = message { m in
      _ = m.sample("x", Normal(in: m.graph, loc: 0, scale: 1))
      _ = m.sample("x", Normal(in: m.graph, loc: 0, scale: 1))
    }
    #expect(text.contains("cannot be named 'x': names are not empty, and unique"))
  }

  @Test func noParameters() {
    let text = message(["y": [1.0]]) { m in m.observe("y", Normal(in: m.graph, loc: 0, scale: 1)) }
    #expect(text.contains("has no parameters"))
  }

  @Test func aDensityThatIsNowhereFinite() {
    let text = message { m in
      let x = m.sample("x", Normal(in: m.graph, loc: 0, scale: 1))
      m.factor(log(0 * x - 1))
    }
    #expect(text.contains("no position within 2 of 0 where the density and its gradient are finite, in 100 trials"))
  }

  @Test func statesThatCannotBe() throws {
    let compiled = try ChainTests.compile()
    var options = SamplerOptions()
    (options.chains, options.warmup, options.draws) = (1, 20, 5)
    let state = try #require(try compiled.sample(options).states.first)
    options.warmup = 0
    for (change, part) in [
      ({ $0.stepSize = 0 }, "step size or the inverse metric of chain 0 is not positive"),
      ({ $0.inverseMetric[3] = .nan }, "step size or the inverse metric of chain 0 is not positive"),
      ({ $0.position[0] = .infinity }, "Chain 0 begins where the density or its gradient is not finite"),
      ({ $0.iteration = -1 }, "iterations of chains are not negative"),
      ({ $0.position = [1] }, "cannot go on from these"),
    ] as [((inout ChainState) -> Void, String)] {
      var broken = state
      change(&broken)
      let error = #expect(throws: ElbowError.self) { try compiled.sample(options, from: [broken]) }
      #expect(error?.message.contains(part) ?? false, "\(error?.message ?? "")")
    }
  }

  @Test func optionsThatCannotBe() throws {
    let compiled = try ChainTests.compile()
    for (change, part) in [
      ({ $0.chains = 0 }, "1 to 10,000 chains"), ({ $0.targetAcceptance = 1.5 }, "between 0 and 1"),
      ({ $0.targetAcceptance = 0 }, "are above 0"), ({ $0.initialRadius = 0 }, "are above 0"),
      ({ $0.largestDepth = 0 }, "are above 0"),
      ({ $0.largestDepth = 21 }, "doubled 1 to 20 times"), ({ $0.draws = -1 }, "not negative"),
    ] as [((inout SamplerOptions) -> Void, String)] {
      var options = SamplerOptions()
      change(&options)
      let error = #expect(throws: ElbowError.self) { try compiled.sample(options) }
      #expect(error?.message.contains(part) ?? false, "\(error?.message ?? "")")
    }
  }
}
