import ElbowArrays
import ElbowCodegen
import ElbowDifferentiation
import ElbowGraph
import ElbowProbability
import ElbowRuntime
import Foundation
import TestSupport
import Testing

/// A million compiled draws of every sampler, parameters at the extremes too, against a distribution whose formulas do
/// not come from the sampler.
///
/// Draws are counted in 64 intervals that are equally likely by the cdf, or by value if they are discrete, several
/// together where there are many; the sum of
/// (count - expected)^2 / expected then has a chi-squared distribution. Its 0.9999 quantile for 63 degrees of freedom
/// is 110, and for fewer it is less than df + 6 sqrt(df). Mean and variance may be off by five standard errors, by the
/// draws' own fourth moment. Seeds are fixed, so that each test holds for ever or never. All is one library, of a
/// signature a sampler.
@Suite struct SamplerTests {
  static let count = 1_000_000
  static let bins = 64

  /// Draws, and what they are distributed as.
  struct Sampler {
    let name: String
    let draws: Tensor
    let distribution: any Distribution
    let cells: Cells
  }

  /// What draws are counted in.
  enum Cells {
    /// Intervals of one probability. What is at most the first number is so only because it underflows.
    case intervals(above: Double = -.infinity)
    /// Whole numbers from the first on, so many in each.
    case numbers(from: Double = 0, each: Double = 1)
  }

  /// Collects samplers in a graph.
  private struct Samplers {
    let graph = Graph()
    var all: [Sampler] = []

    mutating func add(
      _ name: String, _ draws: Tensor, as distribution: any Distribution, in cells: Cells = .intervals()
    ) {
      all.append(Sampler(name: name, draws: draws.cast(to: .float64), distribution: distribution, cells: cells))
    }
    mutating func add(_ name: String, _ distribution: any Distribution, in cells: Cells = .intervals()) {
      add(name, distribution.sample([Dimension(SamplerTests.count)]), as: distribution, in: cells)
    }
    /// Draws in float32, which are distributed as the same distribution in float64.
    mutating func addNarrow(_ name: String, in cells: Cells = .intervals(), _ make: (DType) -> any Distribution) {
      add("\(name), float32", make(.float32).sample([Dimension(SamplerTests.count)]), as: make(.float64), in: cells)
    }
    /// An element of a distribution of vectors or matrices, by the distribution of that element.
    mutating func add(
      _ name: String, _ distribution: any Distribution, element: [Int], as marginal: any Distribution,
      in cells: Cells = .intervals()
    ) {
      var draws = distribution.sample([Dimension(SamplerTests.count)])
      for index in element { draws = draws[.all, index] }
      add(name, draws, as: marginal, in: cells)
    }
  }

  private static func continuous() -> [Sampler] {
    var s = Samplers()
    let g = s.graph
    let f = DType.float64
    s.add("Cauchy", Cauchy(in: g, loc: 1, scale: 2, dtype: f))
    s.add("Exponential", Exponential(in: g, rate: 1e-3, dtype: f))
    s.add("Gumbel", Gumbel(in: g, loc: -1, scale: 2, dtype: f))
    s.add("HalfNormal", HalfNormal(in: g, scale: 1e-3, dtype: f))
    s.add("Kumaraswamy", Kumaraswamy(in: g, concentration1: 0.3, concentration0: 3, dtype: f))
    s.add("Laplace", Laplace(in: g, loc: 1, scale: 2, dtype: f))
    s.add("LogNormal", LogNormal(in: g, loc: 0.5, scale: 0.4, dtype: f))
    s.add("Logistic", Logistic(in: g, loc: 1, scale: 2, dtype: f))
    s.add("Normal", Normal(in: g, loc: 1000, scale: 1e-3, dtype: f))
    s.add("Pareto", Pareto(in: g, concentration: 9, scale: 2, dtype: f))
    s.add("TruncatedNormal", TruncatedNormal(in: g, loc: 0, scale: 1, low: 5, high: 9, dtype: f))
    s.add("TruncatedNormal, far out", TruncatedNormal(in: g, loc: 0, scale: 1, low: 30, high: 40, dtype: f))
    s.add("Uniform", Uniform(in: g, low: -1, high: 3, dtype: f))
    s.add("Weibull", Weibull(in: g, concentration: 0.7, scale: 2, dtype: f))
    // Their moments rest on draws that are rarer than one in a million; those of what they are made of do not.
    let weibull = Weibull(in: g, concentration: 0.1, scale: 2, dtype: f).sample([Dimension(count)])
    s.add("Weibull, 0.1", pow(weibull / 2, 0.1), as: Exponential(in: g, rate: 1, dtype: f))
    let logNormal = LogNormal(in: g, loc: 0, scale: 5, dtype: f).sample([Dimension(count)])
    s.add("LogNormal, 5", log(logNormal), as: Normal(in: g, loc: 0, scale: 5, dtype: f))
    s.add("Pareto, 0.1", Pareto(in: g, concentration: 0.1, scale: 2, dtype: f))
    s.add("Kumaraswamy, 50", Kumaraswamy(in: g, concentration1: 0.05, concentration0: 50, dtype: f))
    s.add("ContinuousBernoulli, 30", ContinuousBernoulli(in: g, logits: 30, dtype: f))
    s.add("ContinuousBernoulli", ContinuousBernoulli(in: g, logits: 1e-3, dtype: f))
    s.add("RelaxedBernoulli", RelaxedBernoulli(in: g, temperature: 0.7, logits: 0.5, dtype: f))
    for k in [0, 1e-3, 1, 1.6, 30, 1e3, 1e5] {
      s.add("VonMises, \(k)", VonMises(in: g, loc: 0.5, concentration: k, dtype: f))
    }
    return s.all
  }

  private static func gammas() -> [Sampler] {
    var s = Samplers()
    let g = s.graph
    let f = DType.float64
    for a in [0.05, 0.99, 1, 1e4] { s.add("Gamma, \(a)", Gamma(in: g, concentration: a, rate: 2, dtype: f)) }
    s.add("Beta", Beta(in: g, concentration1: 0.2, concentration0: 0.5, dtype: f))
    s.add("Beta, large", Beta(in: g, concentration1: 2000, concentration0: 500, dtype: f))
    s.add("Beta, 0.1", Beta(in: g, concentration1: 0.1, concentration0: 0.1, dtype: f))
    s.add("Beta, 1000", Beta(in: g, concentration1: 1000, concentration0: 1000, dtype: f))
    // About half of the draws are below the smallest normal number.
    s.add(
      "Gamma, 0.001", Gamma(in: g, concentration: 1e-3, rate: 2, dtype: f),
      in: .intervals(above: Double.leastNormalMagnitude))
    s.addNarrow("Gamma") { Gamma(in: g, concentration: 0.5, rate: 2, dtype: $0) }
    s.addNarrow("Beta") { Beta(in: g, concentration1: 0.5, concentration0: 3, dtype: $0) }
    s.addNarrow("StudentT") { StudentT(in: g, df: 3, loc: 1, scale: 2, dtype: $0) }
    s.addNarrow("Normal") { Normal(in: g, loc: 1, scale: 2, dtype: $0) }
    s.addNarrow("VonMises") { VonMises(in: g, loc: 0.5, concentration: 2, dtype: $0) }
    s.add("StudentT, 1e6", StudentT(in: g, df: 1e6, loc: 1, scale: 2, dtype: f))
    s.add("InverseGamma, 0.5", InverseGamma(in: g, concentration: 0.5, scale: 2, dtype: f))
    s.add(
      "Dirichlet, extreme", Dirichlet(in: g, concentration: [1000, 0.1, 1], dtype: f), element: [2],
      as: Beta(in: g, concentration1: 1, concentration0: 1000.1, dtype: f))
    s.add("Chi2", Chi2(in: g, df: 3, dtype: f))
    s.add("InverseGamma", InverseGamma(in: g, concentration: 9, scale: 2, dtype: f))
    s.add("StudentT", StudentT(in: g, df: 9, loc: 1, scale: 2, dtype: f))
    s.add("StudentT, 0.5", StudentT(in: g, df: 0.5, loc: 1, scale: 2, dtype: f))
    s.add(
      "Dirichlet", Dirichlet(in: g, concentration: [0.3, 2, 1.5], dtype: f), element: [0],
      as: Beta(in: g, concentration1: 0.3, concentration0: 3.5, dtype: f))
    // (r + 1) / 2 has a beta distribution for the correlation r of two of d variables.
    let correlations = LKJ(in: g, dimension: 4, concentration: 0.7, dtype: f).sample([Dimension(count)])
    let marginal = Beta(in: g, concentration1: 1.7, concentration0: 1.7, dtype: f)
    s.add("LKJ, first", 0.5 * (correlations[.all, 0, 1] + 1), as: marginal)
    s.add("LKJ, last", 0.5 * (correlations[.all, 3, 2] + 1), as: marginal)
    let factors = CholeskyLKJ(in: g, dimension: 3, concentration: 50, dtype: f).sample([Dimension(count)])
    let rows = [2, 1].map { factors[.all, $0] }
    s.add(
      "CholeskyLKJ", 0.5 * ((rows[0] * rows[1]).sum(axes: [-1]) + 1),
      as: Beta(in: g, concentration1: 50.5, concentration0: 50.5, dtype: f))
    let wishart = WishartTriL(in: g, df: 3.5, scaleTriL: [[1, 0, 0], [0.5, 2, 0], [-1, 1, 0.5]], dtype: f)
    s.add(
      "Wishart", wishart.sample([Dimension(count)])[.all, 2, 2] / 2.25, as: Chi2(in: g, df: 3.5, dtype: f))
    return s.all
  }

  private static func discrete() -> [Sampler] {
    var s = Samplers()
    let g = s.graph
    let f = DType.float64
    // Bernoulli's log probability goes on between and beyond 0 and 1.
    func coin(_ p: Double) -> Binomial { Binomial(in: g, totalCount: 1, probs: p, dtype: f) }
    let bernoulli = Bernoulli(in: g, probs: 1e-3, dtype: f).sample([Dimension(count)])
    s.add("Bernoulli", bernoulli, as: coin(1e-3), in: .numbers())
    s.add("Binomial", Binomial(in: g, totalCount: 20, probs: 0.3, dtype: f), in: .numbers())
    s.add("Categorical", Categorical(in: g, probs: [0.1, 0.2, 0, 0.7], dtype: f), in: .numbers())
    s.add("Geometric", Geometric(in: g, probs: 0.3, dtype: f), in: .numbers())
    s.add("NegativeBinomial", NegativeBinomial(in: g, totalCount: 0.5, probs: 0.4, dtype: f), in: .numbers())
    s.add("Poisson, 0.01", Poisson(in: g, rate: 0.01, dtype: f), in: .numbers())
    s.add("Poisson, 1e5", Poisson(in: g, rate: 1e5, dtype: f), in: .numbers(from: 99_040, each: 30))
    s.addNarrow("Poisson", in: .numbers()) { Poisson(in: g, rate: 3, dtype: $0) }
    s.add(
      "Binomial, 1e6", Binomial(in: g, totalCount: 1e6, probs: 0.3, dtype: f), in: .numbers(from: 298_560, each: 45))
    s.add("Binomial, 1e-6", Binomial(in: g, totalCount: 1e6, probs: 1e-6, dtype: f), in: .numbers())
    s.add(
      "NegativeBinomial, 1000", NegativeBinomial(in: g, totalCount: 1000, probs: 0.9, dtype: f),
      in: .numbers(from: 8_040, each: 30))
    s.add("Geometric, 0.001", Geometric(in: g, probs: 1e-3, dtype: f), in: .numbers(each: 100))
    s.add(
      "Multinomial, 1e4", Multinomial(in: g, totalCount: 1e4, probs: [0.2, 0.3, 0.5], dtype: f), element: [1],
      as: Binomial(in: g, totalCount: 1e4, probs: 0.3, dtype: f), in: .numbers(from: 2_840, each: 5))
    s.add("Poisson, 20", Poisson(in: g, rate: 20, dtype: f), in: .numbers())
    s.add(
      "Multinomial", Multinomial(in: g, totalCount: 10, probs: [0.2, 0.3, 0.5], dtype: f), element: [1],
      as: Binomial(in: g, totalCount: 10, probs: 0.3, dtype: f), in: .numbers())
    s.add(
      "OneHotCategorical", OneHotCategorical(in: g, probs: [0.2, 0.3, 0.5], dtype: f), element: [2],
      as: coin(0.5), in: .numbers())
    s.add(
      "QuantizedDistribution",
      QuantizedDistribution(Logistic(in: g, loc: 7, scale: 3, dtype: f), low: 0, high: 20), in: .numbers())
    return s.all
  }

  private static func composed() -> [Sampler] {
    var s = Samplers()
    let g = s.graph
    let f = DType.float64
    func normal(_ loc: Double, _ scale: Double) -> Normal { Normal(in: g, loc: loc, scale: scale, dtype: f) }
    s.add(
      "MultivariateNormalDiag", MultivariateNormalDiag(in: g, loc: [0, 3], scaleDiag: [1, 0.1], dtype: f),
      element: [1], as: normal(3, 0.1))
    s.add(
      "MultivariateNormalTriL",
      MultivariateNormalTriL(in: g, loc: [1, -1], scaleTriL: [[2, 0], [3, 4]], dtype: f), element: [1],
      as: normal(-1, 5))
    s.add(
      "MultivariateNormalFullCovariance",
      MultivariateNormalFullCovariance(in: g, loc: [1, -1], covarianceMatrix: [[4, 6], [6, 25]], dtype: f),
      element: [1], as: normal(-1, 5))
    s.add(
      "MultivariateNormalDiagPlusLowRankCovariance",
      MultivariateNormalDiagPlusLowRankCovariance(
        in: g, loc: [1, -1], covDiagFactor: [4, 5], covPerturbFactor: [[1, 0], [2, 4]], dtype: f), element: [1],
      as: normal(-1, 5))
    s.add(
      "RelaxedOneHotCategorical",
      RelaxedOneHotCategorical(in: g, temperature: 0.5, logits: [1.5, 0.5], dtype: f), element: [0],
      as: RelaxedBernoulli(in: g, temperature: 0.5, logits: 1, dtype: f))
    s.add(
      "Independent", Independent(Laplace(in: g, loc: [0, 1], scale: 2, dtype: f), reinterpretedBatchNDims: 1),
      element: [1], as: Laplace(in: g, loc: 1, scale: 2, dtype: f))
    s.add("Sample", Sample(normal(1, 2), sampleShape: [3]), element: [2], as: normal(1, 2))
    s.add(
      "Mixture",
      Mixture(
        cat: Categorical(in: g, probs: [0.2, 0.8], dtype: f),
        components: [normal(-2, 1), Laplace(in: g, loc: 2, scale: 1, dtype: f)]))
    s.add(
      "MixtureSameFamily",
      MixtureSameFamily(
        mixtureDistribution: Categorical(in: g, probs: [0.2, 0.8], dtype: f),
        componentsDistribution: Normal(in: g, loc: [-2, 2], scale: [1, 0.1], dtype: f)))
    s.add(
      "MixtureSameFamily, reparameterised",
      MixtureSameFamily(
        mixtureDistribution: Categorical(in: g, probs: [0.001, 0.999], dtype: f),
        componentsDistribution: Normal(in: g, loc: [-20, 2], scale: [1, 0.1], dtype: f), reparameterize: true))
    s.add(
      "TransformedDistribution",
      TransformedDistribution(normal(0.5, 0.4), bijector: Bijectors.Exp()).sample([Dimension(count)]),
      as: LogNormal(in: g, loc: 0.5, scale: 0.4, dtype: f))
    let named = JointDistributionNamed([
      "loc": .of(Deterministic(in: g, loc: 4, dtype: f)), "x": .given { Normal(loc: $0["loc"], scale: 3) },
    ])
    if let x = named.sample([Dimension(count)])["x"] { s.add("JointDistributionNamed", x, as: normal(4, 3)) }
    let joint = JointDistributionSequential([.of(normal(0, 3)), .given { Normal(loc: $0[0], scale: 4) }])
    s.add("JointDistributionSequential", joint.sample([Dimension(count)])[1], as: normal(0, 5))
    return s.all
  }

  @Test(arguments: [0, 1, 2, 3])
  func drawsAreDistributedAsStated(group: Int) throws {
    let samplers = [Self.continuous, Self.gammas, Self.discrete, Self.composed][group]()
    let graph = try #require(samplers.first).draws.graph
    let signatures = samplers.enumerated().map { Self.signature("s\($0)", $1) }
    let model = try Self.compile(graph, signatures)
    for (index, sampler) in samplers.enumerated() {
      let values = try model.run("s\(index)").mapValues(\.doubles)
      func value(_ name: String) throws -> Double { try #require(values[name]?.first) }
      let counts = try #require(values["counts"])
      let expected = try #require(values["expected"]).map { $0 * Double(Self.count) }
      let statistic = Self.chiSquared(counts, expected)
      #expect(
        statistic.value < statistic.df + 6 * statistic.df.squareRoot() + 3,
        "\(sampler.name): chi-squared \(statistic.value) for \(statistic.df) degrees of freedom")
      // Some have no moments, and the circular ones of angles are others.
      let isAngle = sampler.distribution is VonMises
      guard values["variance"] != nil, !isAngle, try value("variance").isFinite else { continue }
      let (variance, n) = (try value("variance"), Double(Self.count))
      let distance = abs(try value("sampleMean") - value("mean"))
      #expect(distance <= 5 * (variance / n).squareRoot() + 1e-12, "\(sampler.name): the mean is off by \(distance)")
      let spread = try value("sampleVariance")
      let error = (max(0, try value("fourthMoment") - spread * spread) / n).squareRoot()
      #expect(
        abs(spread - variance) <= 5 * error + 1e-12, "\(sampler.name): the variance is \(spread), not \(variance)")
    }
  }

  /// Counts, their expectation, and moments.
  private static func signature(_ name: String, _ sampler: Sampler) -> Signature {
    let (x, d, graph) = (sampler.draws, sampler.distribution, sampler.draws.graph)
    let bin = graph.iota([Dimension(bins)], axis: 0, dtype: .float64)
    // Up to each bin; the differences are taken when all is summed.
    let (at, expected): (Tensor, Tensor)
    switch sampler.cells {
    case .intervals(let floor):
      let isBelow = x <= floor
      let share = d.cdf(select(isBelow, x.scalar(1), x)) * Double(bins)
      at = select(isBelow, x.scalar(0), minimum(ElbowGraph.floor(share), Double(bins - 1))).expandedDims(-1) .== bin
      // The first interval that is not below has the rest of its probability, and the first of all what is below.
      let below = floor > -.infinity ? d.cdf(x.scalar(floor)) : x.scalar(0)
      let upper = (bin + 1) * (1 / Double(bins))
      expected = maximum(upper - maximum(bin * (1 / Double(bins)), below), 0) + select(bin .== 0, below, x.scalar(0))
    case .numbers(let first, let width):
      at = ElbowGraph.floor((x - first) * (1 / width)).expandedDims(-1) .== bin
      let start = first + width * bin
      expected = width == 1 ? d.prob(start) : d.cdf(start + (width - 1)) - d.cdf(start - 1)
    }
    let mean = x.mean()
    let square = (x - mean) * (x - mean)
    var signature = Signature(
      name,
      outputs: [
        "counts": at.cast(to: .float64).sum(axes: [0]), "expected": expected, "sampleMean": mean,
        "sampleVariance": square.mean(), "fourthMoment": (square * square).mean(),
      ])
    // Where a distribution has no moments that is no mistake here.
    if !(d is Cauchy), !(d is RelaxedBernoulli), !(d is QuantizedDistribution) {
      signature.outputs += [(name: "mean", tensor: d.mean()), (name: "variance", tensor: d.variance())]
    }
    return signature
  }

  private static func compile(_ graph: Graph, _ signatures: [Signature]) throws -> CompiledModel {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("elbow-samplers-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    // The time goes to the C compiler.
    let compiler = ModelCompiler(name: "samplers", options: BuildOptions(optimization: 1))
    let library = try compiler.compile(graph, signatures, cache: ArtifactCache(folder: folder))
    let model = try CompiledModel(contentsOf: library)
    model.randomState = .init(seed: 20)
    return model
  }

  /// Pearson's statistic; what is expected less than ten times is put together, with all that lies beyond the bins.
  private static func chiSquared(_ counts: [Double], _ expected: [Double]) -> (value: Double, df: Double) {
    var rest = (count: Double(count) - counts.reduce(0, +), expected: Double(count) - expected.reduce(0, +))
    var (value, cells) = (0.0, 0)
    for (found, wanted) in zip(counts, expected) {
      if wanted < 10 {
        rest = (rest.count + found, rest.expected + wanted)
      } else {
        value += (found - wanted) * (found - wanted) / wanted
        cells += 1
      }
    }
    if rest.expected > 10 {
      value += (rest.count - rest.expected) * (rest.count - rest.expected) / rest.expected
      cells += 1
    } else if rest.count > 60 {
      value = .infinity
    }
    return (value, Double(max(cells - 1, 1)))
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
