import ElbowGraph
import ElbowProbability

extension Samplers {
  /// Whole numbers.
  static func discrete() -> Samplers {
    var s = Samplers()
    // Bernoulli's log probability goes on between and beyond 0 and 1.
    func coin(_ p: Tensor) -> Binomial { Binomial(in: p.graph, totalCount: 1, probs: p, dtype: .float64) }
    s.add(
      "Bernoulli", [Trial(1e-3, in: .numbers())],
      draws: { Bernoulli(probs: $1[0]).sample([Dimension(count)]) }, as: { coin($1[0]) })
    s.add(
      "Binomial(totalCount:probs:)",
      [
        Trial(20, 0.3, in: .numbers()), Trial(1e6, 0.3, in: .numbers(from: 298_560, each: 45)),
        Trial(1e6, 1e-6, in: .numbers()),
      ]
    )
    s.add("Categorical", [Trial(in: .numbers())]) { graph, _ in
      Categorical(in: graph, probs: [0.1, 0.2, 0, 0.7], dtype: .float64)
    }
    s.add("Geometric(probs:)", [Trial(0.3, in: .numbers()), Trial(1e-3, in: .numbers(each: 100))])
    s.add(
      "NegativeBinomial(totalCount:probs:)",
      [Trial(0.5, 0.4, in: .numbers()), Trial(1000, 0.9, in: .numbers(from: 8_040, each: 30))]
    )
    s.add(
      "Poisson(rate:)",
      [
        Trial(0.01, in: .numbers()), Trial(20, in: .numbers()), Trial(1e5, in: .numbers(from: 99_040, each: 30)),
      ])
    s.addNarrow("Poisson(rate:)", Trial(3, in: .numbers()))
    s.add(
      "Multinomial", [Trial(10, in: .numbers()), Trial(1e4, in: .numbers(from: 2_840, each: 5))],
      { Multinomial(totalCount: $1[0], probs: [0.2, 0.3, 0.5]) }, element: 1,
      as: { Binomial(totalCount: $1[0], probs: 0.3) })
    s.add(
      "OneHotCategorical", [Trial(in: .numbers())],
      { graph, _ in OneHotCategorical(in: graph, probs: [0.2, 0.3, 0.5], dtype: .float64) }, element: 2,
      as: { graph, _ in coin(graph.constant(0.5, dtype: .float64)) })
    s.add("QuantizedDistribution", [Trial(7, 3, in: .numbers())]) {
      QuantizedDistribution(Logistic(loc: $1[0], scale: $1[1]), low: 0, high: 20)
    }
    return s
  }

  /// Vectors, and distributions of others.
  static func composed() -> Samplers {
    var s = Samplers()
    func normal(_ graph: Graph, _ loc: Double, _ scale: Double) -> Normal {
      Normal(in: graph, loc: loc, scale: scale, dtype: .float64)
    }
    s.addNormalVectors()
    s.add(
      "RelaxedOneHotCategorical", [Trial(0.5, 1.5, 0.5)],
      { RelaxedOneHotCategorical(temperature: $1[0], logits: stack([$1[1], $1[2]])) }, element: 0,
      as: { RelaxedBernoulli(temperature: $1[0], logits: $1[1] - $1[2]) })
    s.add(
      "Independent",
      draws: { graph, _ in
        let laplace = Laplace(in: graph, loc: [0, 1], scale: 2, dtype: .float64)
        return Independent(laplace, reinterpretedBatchNDims: 1).sample([Dimension(count)])[.all, 1]
      }, as: { graph, _ in Laplace(in: graph, loc: 1, scale: 2, dtype: .float64) })
    s.add(
      "Sample", [Trial()], { graph, _ in Sample(normal(graph, 1, 2), sampleShape: [3]) }, element: 2,
      as: { graph, _ in normal(graph, 1, 2) })
    s.add("Mixture") { graph, _ in
      Mixture(
        cat: Categorical(in: graph, probs: [0.2, 0.8], dtype: .float64),
        components: [normal(graph, -2, 1), Laplace(in: graph, loc: 2, scale: 1, dtype: .float64)])
    }
    func mixture(_ weights: [Tensor], _ loc: Tensor, reparameterize: Bool) -> MixtureSameFamily {
      MixtureSameFamily(
        mixtureDistribution: Categorical(probs: stack(weights)),
        componentsDistribution: Normal(loc: stack([loc, loc.scalar(2)]), scale: [1, 0.1]),
        reparameterize: reparameterize)
    }
    s.add("MixtureSameFamily", [Trial(0.2, 0.8, -2)]) { mixture([$1[0], $1[1]], $1[2], reparameterize: false) }
    s.add("MixtureSameFamily, reparameterised", [Trial(0.001, 0.999, -20)]) {
      mixture([$1[0], $1[1]], $1[2], reparameterize: true)
    }
    s.add(
      "TransformedDistribution",
      draws: { graph, _ in
        TransformedDistribution(normal(graph, 0.5, 0.4), bijector: Bijectors.Exp()).sample([Dimension(count)])
      }, as: { graph, _ in LogNormal(in: graph, loc: 0.5, scale: 0.4, dtype: .float64) })
    s.add(
      "JointDistributionNamed",
      draws: { graph, _ in
        let joint = JointDistributionNamed([
          "loc": .of(Deterministic(in: graph, loc: 4, dtype: .float64)),
          "x": .given { Normal(loc: $0["loc"], scale: 3) },
        ])
        return joint.sample([Dimension(count)])["x"] ?? graph.zeros([Dimension(count)])
      }, as: { graph, _ in normal(graph, 4, 3) })
    s.add(
      "JointDistributionSequential",
      draws: { graph, _ in
        JointDistributionSequential([.of(normal(graph, 0, 3)), .given { Normal(loc: $0[0], scale: 4) }])
          .sample([Dimension(count)])[1]
      }, as: { graph, _ in normal(graph, 0, 5) })
    return s
  }

  private mutating func addNormalVectors() {
    func add(_ name: String, _ loc: Double, _ scale: Double, _ make: @escaping (Graph) -> any Distribution) {
      self.add(
        name, [Trial()], { graph, _ in make(graph) }, element: 1,
        as: { graph, _ in Normal(in: graph, loc: loc, scale: scale, dtype: .float64) })
    }
    add("MultivariateNormalDiag", 3, 0.1) {
      MultivariateNormalDiag(in: $0, loc: [0, 3], scaleDiag: [1, 0.1], dtype: .float64)
    }
    add("MultivariateNormalTriL", -1, 5) {
      MultivariateNormalTriL(in: $0, loc: [1, -1], scaleTriL: [[2, 0], [3, 4]], dtype: .float64)
    }
    add("MultivariateNormalFullCovariance", -1, 5) {
      MultivariateNormalFullCovariance(in: $0, loc: [1, -1], covarianceMatrix: [[4, 6], [6, 25]], dtype: .float64)
    }
    add("MultivariateNormalDiagPlusLowRankCovariance", -1, 5) {
      MultivariateNormalDiagPlusLowRankCovariance(
        in: $0, loc: [1, -1], covDiagFactor: [4, 5], covPerturbFactor: [[1, 0], [2, 4]], dtype: .float64)
    }
  }
}
