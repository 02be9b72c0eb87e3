import ElbowGraph
import ElbowProbability

extension Samplers {
  /// Continuous distributions on the line.
  static func continuous() -> Samplers {
    var s = Samplers()
    s.add("Cauchy", [Trial(1, 2)])
    s.add("Exponential", [Trial(1e-3)])
    s.add("Gumbel", [Trial(-1, 2)])
    s.add("HalfCauchy", [Trial(2)])
    s.add("HalfNormal", [Trial(1e-3)])
    s.add("Kumaraswamy", [Trial(0.3, 3), Trial(0.05, 50)])
    s.add("Laplace", [Trial(1, 2)])
    s.add("LogNormal", [Trial(0.5, 0.4)])
    s.add("Logistic", [Trial(1, 2)])
    s.add("Normal", [Trial(1000, 1e-3)])
    s.add("Pareto", [Trial(9, 2), Trial(0.1, 2)])
    s.add("TruncatedNormal", [Trial(5, 9), Trial(30, 40)]) {
      TruncatedNormal(in: $0, loc: 0, scale: 1, low: $1[0], high: $1[1], dtype: .float64)
    }
    s.add("Uniform", [Trial(-1, 3)])
    s.add("Weibull", [Trial(0.7, 2)])
    // Their moments rest on draws that are rarer than one in a million; those of what they are made of do not.
    s.add(
      "Weibull", [Trial(0.1, 2)],
      draws: { pow(Weibull(concentration: $1[0], scale: $1[1]).sample([Dimension(count)]) / $1[1], $1[0]) },
      as: { graph, _ in Exponential(in: graph, rate: 1, dtype: .float64) })
    s.add(
      "LogNormal", [Trial(0, 5)],
      draws: { log(LogNormal(loc: $1[0], scale: $1[1]).sample([Dimension(count)])) },
      as: { Normal(loc: $1[0], scale: $1[1]) })
    s.add("ContinuousBernoulli(logits:)", [Trial(30), Trial(1e-3)])
    s.add("RelaxedBernoulli(temperature:logits:)", [Trial(0.7, 0.5)])
    s.add("VonMises", [0, 1e-3, 1, 1.6, 30, 1e3, 1e5].map { Trial(0.5, $0) }) {
      VonMises(loc: $1[0], concentration: $1[1])
    }
    return s
  }

  /// Gamma variates, and what is made of them.
  static func gammas() -> Samplers {
    var s = Samplers()
    // About half of the draws of the last are below the smallest normal number.
    let small = Trial(1e-3, 2, in: .intervals(above: Double.leastNormalMagnitude))
    s.add("Gamma", [Trial(0.05, 2), Trial(0.99, 2), Trial(1, 2), Trial(1e4, 2), small])
    s.addNarrow("Gamma", Trial(0.5, 2))
    s.add("Beta", [Trial(0.2, 0.5), Trial(2000, 500), Trial(0.1, 0.1), Trial(1000, 1000)])
    s.addNarrow("Beta", Trial(0.5, 3))
    let student: Formula<any Distribution> = { StudentT(df: $1[0], loc: $1[1], scale: $1[2]) }
    s.add("StudentT", [9, 1e6, 0.5].map { Trial($0, 1, 2) }, student)
    s.addNarrow("StudentT", Trial(3, 1, 2), student)
    s.addNarrow("Normal", Trial(1, 2)) { Normal(loc: $1[0], scale: $1[1]) }
    s.addNarrow("VonMises", Trial(0.5, 2))
    s.add("InverseGamma", [Trial(0.5, 2), Trial(9, 2)])
    s.add("Chi2", [Trial(3)])
    s.add(
      "Dirichlet, last", [Trial(1000, 0.1, 1)], { Dirichlet(concentration: stack($1)) }, element: 2,
      as: { Beta(concentration1: $1[2], concentration0: $1[0] + $1[1]) })
    s.add(
      "Dirichlet, first", [Trial(0.3, 2, 1.5)], { Dirichlet(concentration: stack($1)) }, element: 0,
      as: { Beta(concentration1: $1[0], concentration0: $1[1] + $1[2]) })
    s.addCorrelations()
    return s
  }

  /// (r + 1) / 2 has a beta distribution for the correlation r of two of d variables.
  private mutating func addCorrelations() {
    let marginal: Formula<any Distribution> = { Beta(concentration1: $1[0] + 1, concentration0: $1[0] + 1) }
    // The last parameter says which correlation.
    add(
      "LKJ", [Trial(0.7, 0), Trial(0.7, 1)],
      draws: { _, p in
        let r = LKJ(dimension: 4, concentration: p[0]).sample([Dimension(Self.count)])
        return 0.5 * (select(p[1] .== 0, r[.all, 0, 1], r[.all, 3, 2]) + 1)
      }, as: marginal)
    add(
      "CholeskyLKJ", [Trial(50)],
      draws: {
        let factors = CholeskyLKJ(dimension: 3, concentration: $1[0]).sample([Dimension(Self.count)])
        return 0.5 * ((factors[.all, 2] * factors[.all, 1]).sum(axes: [-1]) + 1)
      }, as: { Beta(concentration1: $1[0] + 0.5, concentration0: $1[0] + 0.5) })
    add(
      "WishartTriL", [Trial(3.5)],
      draws: {
        let scale = [[1, 0, 0], [0.5, 2, 0], [-1, 1, 0.5]]
        return WishartTriL(df: $1[0], scaleTriL: scale).sample([Dimension(Self.count)])[.all, 2, 2] / 2.25
      }, as: { Chi2(df: $1[0]) })
  }
}
