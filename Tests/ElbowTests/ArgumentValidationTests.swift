import Elbow
import Testing

/// `validateArguments`: illegal parameters are errors of the run, compiled or not, and change nothing.
@Suite struct ArgumentValidationTests {
  @Test(arguments: [Session.Backend.reference, .compiled])
  func anIllegalScaleIsNamedWithItsLine(backend: Session.Backend) throws {
    let graph = Graph()
    let scale = graph.placeholder("s", shape: [nil])
    let line = #line + 1
    let normal = Normal(loc: graph.zeros([]), scale: scale).validateArguments()
    let logProb = normal.logProb(0)
    let session = try Session(graph, backend: backend)
    let feeds = HostArray([Float(1), 2, 0.5])
    #expect(try session.run(logProb, feeding: [scale: feeds]).count == 3)
    let error = #expect(throws: ElbowError.self) {
      try session.run(logProb, feeding: [scale: HostArray([Float(1), -2, 0.5])])
    }
    #expect(error?.kind == .invalidArgument)
    #expect(error?.message == "The parameter 'scale' of Normal must be positive, but is not in this run.")
    #expect(error?.location?.line == line)
    #expect(error?.location?.file.hasSuffix("ArgumentValidationTests.swift") == true)
    #expect(try session.run(logProb, feeding: [scale: feeds]).count == 3)
  }

  /// What guards the updates belongs to the program.
  @Test func aProgramLeavesItsGraphAlone() throws {
    let graph = Graph()
    let total = graph.variable("total", initialValue: graph.zeros([]))
    let normal = Normal(loc: graph.zeros([]), scale: graph.placeholder("s", shape: [])).validateArguments()
    let signature = Signature(
      "add", outputs: ["logProb": normal.logProb(0)],
      updates: [VariableUpdate(total, to: total + normal.logProb(0))])
    let count = graph.nodes.count
    let programs = try (0..<2).map { _ in try graph.program(signature) }
    #expect(programs[0].outputs.contains { $0.check != nil })
    #expect(graph.nodes.count == count)
    #expect(programs[0].listing(locations: false) == programs[1].listing(locations: false))
  }

  @Test(arguments: [Session.Backend.reference, .compiled])
  func variablesKeepTheirValues(backend: Session.Backend) throws {
    let graph = Graph()
    let probs = graph.placeholder("p", shape: [])
    let total = graph.variable("total", initialValue: graph.zeros([]))
    let pair = Independent(Bernoulli(probs: probs.broadcast(to: [2])), reinterpretedBatchNDims: 1, name: "coin")
      .validateArguments()
    let signature = Signature(
      "count", outputs: ["logProb": pair.logProb([1, 0])], updates: [VariableUpdate(total, to: total + 1)])
    let session = try Session(graph, backend: backend)
    for (p, isLegal) in [(Float(0.5), true), (1.5, false), (.nan, false), (1, true)] {
      do {
        let outputs = try session.run(signature, feeding: ["p": HostArray(scalar: p)])
        #expect(isLegal && outputs.keys.sorted() == ["logProb"])
      } catch let error as ElbowError {
        #expect(!isLegal && error.message.contains("'probs' of Bernoulli must lie between 0 and 1"))
      }
    }
    #expect(try session.value(of: "total").doubles == [2])
  }

  /// Only programs that compute a parameter check it, and two checks of one text are both made.
  @Test func whatIsNotComputedIsNotChecked() throws {
    let graph = Graph()
    let (a, b) = (graph.placeholder("a", shape: []), graph.placeholder("b", shape: []))
    let first = Exponential(rate: a).validateArguments()
    let second = Exponential(rate: b).validateArguments()
    let session = try Session(graph, backend: .reference)
    let (good, bad) = (HostArray(scalar: Float(1)), HostArray(scalar: Float(-1)))
    #expect(throws: Never.self) { try session.run(first.mean(), feeding: [a: good]) }
    #expect(throws: ElbowError.self) { try session.run(first.mean() + second.mean(), feeding: [a: good, b: bad]) }
    #expect(throws: ElbowError.self) { try session.run(first.mean() + second.mean(), feeding: [a: bad, b: good]) }
  }

  /// Values outside of the support, and an interval whose ends have changed places.
  @Test func valuesAndIntervalsAreChecked() throws {
    let graph = Graph()
    let (x, low) = (graph.placeholder("x", shape: [2]), graph.placeholder("low", shape: []))
    let coins = Independent(Bernoulli(logits: graph.zeros([2])), reinterpretedBatchNDims: 1)
    let unchecked = coins.logProb(x)
    let checked = coins.validateArguments().logProb(x)
    let uniform = Uniform(low: low, high: 1).validateArguments().entropy()
    let session = try Session(graph, backend: .reference)
    let white = [x: HostArray([0, 255] as [Float])]
    func mistake(_ fetch: Tensor, _ feeds: [Tensor: HostArray]) -> String? {
      do {
        _ = try session.run(fetch, feeding: feeds)
        return nil
      } catch { return (error as? ElbowError)?.message ?? "\(error)" }
    }
    #expect(mistake(unchecked, white) == nil)
    #expect(mistake(checked, [x: HostArray([0, 0.5] as [Float])]) == nil)
    #expect(
      mistake(checked, white) == "'logProb' of Bernoulli takes values between 0 and 1, but gets others in this run.")
    #expect(mistake(uniform, [low: HostArray(scalar: Float(0))]) == nil)
    #expect(
      mistake(uniform, [low: HostArray(scalar: Float(2))])
        == "The parameter 'low' of Uniform must be below 'high', but is not in this run.")
  }

  /// Operations' expectations of data, back through what only scales and shifts them.
  @Test func expectationsOfPlaceholders() throws {
    let graph = Graph()
    let images = graph.placeholder("images", shape: [nil, 4], dtype: .uint8)
    let labels = graph.placeholder("labels", shape: [nil], dtype: .int32)
    let logits = graph.zeros([10])
    let bytes = images.cast(to: .float32)
    func ranges(_ tensor: Tensor) -> [String] {
      graph.dataExpectations(for: [Signature("f", outputs: ["y": tensor])]).map {
        "\($0.input) \($0.range.lowerBound.rounded() + 0)...\($0.range.upperBound.rounded())"
      }
    }
    let coin = Bernoulli(logits: graph.constant(0.5))
    #expect(ranges(coin.logProb(bytes)) == ["images 0.0...1.0"])
    #expect(ranges(coin.logProb(bytes.reshaped([-1, 2, 2]) / 255)) == ["images 0.0...255.0"])
    #expect(ranges(coin.logProb(0.5 * (bytes * (1.0 / 127.5) - 1) + 0.5)) == ["images 0.0...255.0"])
    #expect(ranges(coin.logProb(tanh(bytes))).isEmpty)
    #expect(ranges(Categorical(logits: logits).logProb(labels)) == ["labels 0.0...9.0"])
    #expect(ranges(oneHot(labels, depth: 10)) == ["labels -inf...9.0"])
    #expect(ranges(Exponential(rate: graph.constant(1)).logProb(bytes)) == ["images 0.0...inf"])
    #expect(ranges(labels).isEmpty)
  }

  @Test func matricesAreChecked() throws {
    let graph = Graph()
    let matrix = graph.placeholder("m", shape: [2, 2])
    let normal = MultivariateNormalFullCovariance(loc: graph.zeros([2]), covarianceMatrix: matrix).validateArguments()
    let session = try Session(graph, backend: .reference)
    #expect(throws: Never.self) {
      try session.run(normal.entropy(), feeding: [matrix: HostArray([Float(2), 1, 1, 2], shape: [2, 2])])
    }
    let error = #expect(throws: ElbowError.self) {
      try session.run(normal.entropy(), feeding: [matrix: HostArray([Float(1), 2, 2, 1], shape: [2, 2])])
    }
    #expect(
      error?.message
        == "The parameter 'covarianceMatrix' of MultivariateNormalFullCovariance must be positive definite, but is not "
        + "in this run.")
  }

  /// A negative scale inside of a composite, and what the message calls its owner.
  struct Composite: CustomTestStringConvertible, Sendable {
    let name: String
    let message: String
    let logProb: @Sendable (Tensor) -> Tensor
    var testDescription: String { name }

    init(_ name: String, _ message: String = "'scale' of Normal", _ logProb: @escaping @Sendable (Tensor) -> Tensor) {
      (self.name, self.message, self.logProb) = (name, message, logProb)
    }

    static let all: [Composite] = [
      Composite("TransformedDistribution") {
        TransformedDistribution(normal($0), bijector: Bijectors.Exp()).validateArguments().logProb([1, 2])
      },
      Composite("a bijector", "'scale' of GumbelCDF") { scale in
        let map = Bijectors.Chain([Bijectors.Square(), Bijectors.Invert(Bijectors.GumbelCDF(loc: 0, scale: scale))])
        let uniform = Uniform(in: scale.graph, low: 0, high: 1)
        return TransformedDistribution(uniform, bijector: map).validateArguments().logProb([1, 2])
      },
      Composite("Sample") {
        Sample(normal($0), sampleShape: [3]).validateArguments().logProb([[1, 2, 3], [4, 5, 6]])
      },
      Composite("Independent") {
        Independent(normal($0), reinterpretedBatchNDims: 1).validateArguments().logProb([1, 2])
      },
      Composite("QuantizedDistribution") {
        QuantizedDistribution(normal($0), low: 0, high: 9).validateArguments().logProb([1, 2])
      },
      Composite("Mixture") { scale in
        Mixture(
          cat: Categorical(in: scale.graph, probs: [0.3, 0.7]), components: [normal(scale), normal(scale * 0 + 1)]
        ).validateArguments().logProb([1, 2])
      },
      Composite("the weights of a Mixture", "'probs' of Categorical") { scale in
        Mixture(
          cat: Categorical(probs: stack([scale, 2 - scale], axis: -1)),
          components: [normal(scale.onesLike()), normal(scale.onesLike() * 2)]
        ).validateArguments().logProb([1, 2])
      },
      Composite("MixtureSameFamily") { scale in
        MixtureSameFamily(
          mixtureDistribution: Categorical(in: scale.graph, probs: [0.3, 0.7]), componentsDistribution: normal(scale)
        ).validateArguments().logProb(1)
      },
      Composite("JointDistributionSequential") { scale in
        JointDistributionSequential([
          .of(Normal(in: scale.graph, loc: 0, scale: 1)), .given { Normal(loc: $0[0], scale: scale) },
        ]).validateArguments().logProb([scale.graph.constant(1.0), scale.graph.constant([1, 2])])
      },
      Composite("JointDistributionNamed") { scale in
        JointDistributionNamed(["x": .of(normal(scale))]).validateArguments().logProb([
          "x": scale.graph.constant([1, 2])
        ])
      },
      Composite("composites of composites") { scale in
        let inner = TransformedDistribution(normal(scale), bijector: Bijectors.Shift(1.0))
        return Independent(QuantizedDistribution(inner), reinterpretedBatchNDims: 1).validateArguments().logProb([1, 2])
      },
    ]

    private static func normal(_ scale: Tensor) -> Normal { Normal(loc: scale.zerosLike(), scale: scale) }
  }

  @Test(arguments: Composite.all) func partsAreChecked(_ composite: Composite) throws {
    let graph = Graph()
    let scale = graph.placeholder("s", shape: [2])
    let logProb = composite.logProb(scale)
    let session = try Session(graph, backend: .reference)
    #expect(throws: Never.self) { try session.run(logProb, feeding: [scale: HostArray([Float(1), 1.5])]) }
    let error = #expect(throws: ElbowError.self) {
      try session.run(logProb, feeding: [scale: HostArray([Float(1), -2])])
    }
    #expect(error?.kind == .invalidArgument)
    #expect(error?.message.contains("The parameter \(composite.message) must be ") == true, "\(error?.message ?? "")")
  }
}
