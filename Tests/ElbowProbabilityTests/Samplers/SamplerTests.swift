import ElbowArrays
import ElbowCodegen
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import ElbowRuntime
import TestFolders
import TestSupport
import Testing

/// A million compiled draws of every sampler, parameters at the extremes too, against a distribution whose formulas do
/// not come from the sampler.
///
/// Draws are counted in 64 intervals that are about equally likely by the cdf, or by value if they are discrete, several
/// together where there are many; the sum of
/// (count - expected)^2 / expected then has a chi-squared distribution. Its 0.9999 quantile for 63 degrees of freedom
/// is 110, and for fewer it is less than df + 6 sqrt(df). Mean and variance may be off by five standard errors, by the
/// draws' own fourth moment. Seeds are fixed, so that each test holds for ever or never.
///
/// Only what draws is compiled, once for all parameters, and one tally for all draws: the distributions are computed by
/// the reference evaluator, at the ends of the intervals alone.
@Suite struct SamplerTests {
  private static let groups = [Samplers.continuous, Samplers.gammas, Samplers.discrete, Samplers.composed]

  @Test(arguments: groups.indices)
  func drawsAreDistributedAsStated(group: Int) throws {
    let samplers = Self.groups[group]()
    let model = try Self.compile(samplers.graph, samplers.signatures)
    let tally = try CompiledModel(library: Self.tally.get())
    for sampler in samplers.cases {
      let draws = try #require(try model.run(sampler.signature, inputs: sampler.feeds)["draws"])
      let found = try tally.run("moments", inputs: ["draws": draws]).mapValues { $0.doubles[0] }
      let (least, greatest) = (try #require(found["least"]), try #require(found["greatest"]))
      try #require(least <= greatest && least.isFinite && greatest.isFinite, "\(sampler.name): \(least), \(greatest)")
      let statistic = try SamplerHistogram(draws, of: sampler, in: least...greatest, tally: tally).chiSquared()
      #expect(
        statistic.value < statistic.df + 6 * statistic.df.squareRoot() + 3,
        "\(sampler.name): chi-squared \(statistic.value) for \(statistic.df) degrees of freedom")
      try Self.expectMoments(found, of: sampler)
    }
  }

  @Test func everyDistributionIsDrawnFrom() {
    let drawn = Self.groups.flatMap { $0().cases.map(\.name) }
    // What is certain needs no draws.
    for constructor in DistributionConstructor.all where constructor.typeName != "Deterministic" {
      #expect(drawn.contains { $0.hasPrefix(constructor.typeName) }, "\(constructor.typeName) has no sampler here.")
    }
  }

  /// Some have no moments, and the circular ones of angles are others.
  private static func expectMoments(_ found: [String: Double], of sampler: Samplers.Case) throws {
    let d = sampler.distribution
    if d is Cauchy || d is HalfCauchy || d is RelaxedBernoulli || d is QuantizedDistribution || d is VonMises { return }
    let stated = try ReferenceBackend().values(of: ["mean": d.mean(), "variance": d.variance()], in: d.graph)
    let (mean, variance) = (try #require(stated["mean"]).doubles[0], try #require(stated["variance"]).doubles[0])
    guard variance.isFinite else { return }
    let n = Double(Samplers.count)
    let distance = abs(try #require(found["mean"]) - mean)
    #expect(distance <= 5 * (variance / n).squareRoot() + 1e-12, "\(sampler.name): the mean is off by \(distance)")
    let spread = try #require(found["variance"])
    let error = (max(0, try #require(found["fourth"]) - spread * spread) / n).squareRoot()
    #expect(abs(spread - variance) <= 5 * error + 1e-12, "\(sampler.name): the variance is \(spread), not \(variance)")
  }

  /// Shared by the groups, each of which makes a model of it.
  private static let tally = Result {
    let (graph, signatures) = SamplerHistogram.tally()
    return try load(graph, signatures)
  }

  private static func load(_ graph: Graph, _ signatures: [Signature]) throws -> LoadedLibrary {
    // The time goes to the C compiler.
    let compiler = ModelCompiler(name: "samplers", options: BuildOptions(optimization: 1))
    return try withTemporaryFolder { folder in
      try LoadedLibrary(contentsOf: compiler.compile(graph, signatures, cache: ArtifactCache(folder: folder)))
    }
  }

  private static func compile(_ graph: Graph, _ signatures: [Signature]) throws -> CompiledModel {
    try CompiledModel(library: load(graph, signatures), seed: 20)
  }

  /// Gradients of draws by a parameter, whose mean is the derivative of a moment.
  @Test func gradientsOfSamples() throws {
    let graph = Graph()
    let n = Dimension(100_000)
    func parameter(_ value: Double) -> Tensor { graph.full([n], value, dtype: .float64) }
    var wanted: [(name: String, derivative: Double, moment: Tensor, by: Tensor)] = []
    func add(_ name: String, at value: Double, _ derivative: Double, _ moment: (Tensor) -> Tensor) {
      let by = parameter(value)
      wanted.append((name, derivative, moment(by), by))
    }
    for a in [0.1, 1, 300] { add("Gamma, \(a)", at: a, 0.5) { Gamma(concentration: $0, rate: 2).sample() } }
    add("Beta", at: 0.5, 2 / 6.25) { Beta(concentration1: $0, concentration0: 2).sample() }
    add("Dirichlet", at: 0.5, 2.5 / 9) {
      Dirichlet(concentration: stack([$0, $0 * 0 + 1, $0 * 0 + 1.5], axis: -1)).sample()[.all, 0]
    }
    // The variance of Student's distribution is df / (df - 2).
    add("StudentT", at: 12, -0.02) { df in
      let x = StudentT(df: df, loc: 0, scale: 1).sample()
      return x * x
    }
    // E[cos X] = A = I_1 / I_0, whose derivative is 1 - A / k - A^2; at 0 that is 1/2.
    for (k, a) in [(1e-9, 5e-10), (2, 0.6977746579640079), (50, 0.9899489673784978)] {
      let slope = k < 1e-6 ? 0.5 : 1 - a / k - a * a
      add("VonMises, \(k)", at: k, slope) { cos(VonMises(loc: $0 * 0, concentration: $0).sample()) }
    }
    // The mean 1 - 3 p of a mixture, by its weight p and by a component's location.
    func mixture(_ p: Tensor, _ loc: Tensor) -> Tensor {
      MixtureSameFamily(
        mixtureDistribution: Categorical(probs: stack([p, 1 - p], axis: -1)),
        componentsDistribution: Normal(loc: stack([loc, loc * 0 + 1], axis: -1), scale: 1), reparameterize: true
      ).sample()
    }
    add("weight of a mixture", at: 0.3, -3) { mixture($0, $0 * 0 - 2) }
    add("location of a mixture", at: -2, 0.3) { mixture($0 * 0 + 0.3, $0) }
    // E[x y] = -6 p - (1 - p) of a mixture of vectors, and 3 p y_0 of its first component's y-location.
    func product(_ p: Tensor, _ y: Tensor) -> Tensor {
      func vector(_ x: Tensor, _ y: Tensor) -> Tensor { stack([x, y], axis: -1) }
      let loc = stack([vector(y * 0 - 2, y), vector(y * 0 + 1, y * 0 - 1)], axis: -2)
      let draws = MixtureSameFamily(
        mixtureDistribution: Categorical(probs: vector(p, 1 - p)),
        componentsDistribution: MultivariateNormalDiag(loc: loc, scaleDiag: [0.7, 1.2]), reparameterize: true
      ).sample()
      return draws[.ellipsis, 0] * draws[.ellipsis, 1]
    }
    add("weight of a mixture of vectors", at: 0.3, -5) { product($0, $0 * 0 + 3) }
    add("location of a mixture of vectors", at: 3, -0.6) { product($0 * 0 + 0.3, $0) }
    var signature = Signature("gradients")
    for (name, _, moment, by) in wanted {
      let gradient = gradient(of: moment.sum(), by: by)
      let mean = gradient.mean()
      signature.outputs += [
        (name: name, tensor: mean), (name: name + " spread", tensor: ((gradient - mean) * (gradient - mean)).mean()),
      ]
    }
    let values = try Self.compile(graph, [signature]).run("gradients").mapValues { $0.doubles[0] }
    for (name, derivative, _, _) in wanted {
      let (mean, spread) = (try #require(values[name]), try #require(values[name + " spread"]))
      #expect(
        abs(mean - derivative) < 5 * (spread / 1e5).squareRoot() + 1e-9, "\(name): \(mean), expected \(derivative)")
      #expect(spread > 0 && spread.isFinite)
    }
  }
}
