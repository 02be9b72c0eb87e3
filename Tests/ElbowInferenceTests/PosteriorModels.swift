import Elbow
import ElbowArrays
import ElbowInference

/// The models of reference posteriors, by the names of their folders.
enum PosteriorModels {
  /// A model, the data that it takes, and how it is sampled.
  struct Entry: Sendable {
    var model: BayesianModel
    /// What becomes of the file's data before they are given to the model.
    var prepare: @Sendable ([String: HostArray]) throws -> [String: HostArray] = { $0 }
    var targetAcceptance = 0.8
    var metric = SamplerOptions.Metric.fisher
    /// Whether draws near a funnel are bound to diverge, so that means are off.
    var diverges = false
  }

  static let all: [String: Entry] = [
    "eight_schools_centered": Entry(
      model: eightSchools(isCentered: true), targetAcceptance: 0.95, diverges: true),
    "eight_schools_noncentered": Entry(model: eightSchools(isCentered: false), targetAcceptance: 0.95),
    "arK": Entry(model: autoregression),
    "arma11": Entry(model: movingAverage),
    "garch11": Entry(model: garch),
    "gp_regr": Entry(model: gaussianProcess),
    "gp_pois_regr": Entry(model: poissonProcess, targetAcceptance: 0.95),
    "hmm_example": Entry(model: hiddenMarkov),
    "low_dim_gauss_mix": Entry(model: gaussianMixture),
    "kidscore_momhsiq": Entry(model: kidScores),
    "logearn_interaction": Entry(model: earnings),
    "kilpisjarvi": Entry(model: temperatures, metric: .dense),
    "sblrc": Entry(model: correlatedRegression),
    "diamonds": Entry(model: diamonds, prepare: centeredColumns),
    "nes2000": Entry(model: partyIdentification),
    "wells_dist100ars": Entry(model: wells),
    "dogs": Entry(model: dogs),
  ]

  private static func eightSchools(isCentered: Bool) -> BayesianModel {
    BayesianModel("eight_schools") { m in
      let sigma = m.data("sigma", dims: ["school"])
      let mu = m.sample("mu", Normal(in: m.graph, loc: 0, scale: 5))
      let tau = m.sample("tau", HalfCauchy(in: m.graph, scale: 5))
      var theta: Tensor
      if isCentered {
        theta = m.sample("theta", Normal(loc: mu, scale: tau), dims: ["school"])
      } else {
        let z = m.sample("z", Normal(in: m.graph, loc: 0, scale: 1), dims: ["school"])
        theta = m.deterministic("theta", mu + tau * z, dims: ["school"])
      }
      m.observe("y", Normal(loc: theta, scale: sigma), dims: ["school"])
    }
  }

  private static let autoregression = BayesianModel("ar_k") { m in
    let y = m.data("y")
    let (lags, count) = (5, y.shape[0].value ?? 0)
    let alpha = m.sample("alpha", Normal(in: m.graph, loc: 0, scale: 10))
    let beta = m.sample("beta", Normal(loc: m.graph.zeros([lags]), scale: 10))
    let sigma = m.sample("sigma", HalfCauchy(in: m.graph, scale: 2.5))
    var mean = alpha
    for lag in 1...lags { mean = mean + beta[lag - 1] * y[lags - lag..<count - lag] }
    m.observe("later", Normal(loc: mean, scale: sigma), value: y[lags...])
  }

  private static let movingAverage = BayesianModel("arma11") { m in
    let y = m.data("y")
    let mu = m.sample("mu", Normal(in: m.graph, loc: 0, scale: 10))
    let phi = m.sample("phi", Normal(in: m.graph, loc: 0, scale: 2))
    let theta = m.sample("theta", Normal(in: m.graph, loc: 0, scale: 2))
    let sigma = m.sample("sigma", HalfCauchy(in: m.graph, scale: 2.5))
    let first = y[0] - (mu + phi * mu)
    let rest = m.graph.scan(from: [first], over: [y[1...] - mu - phi * y[..<(-1)]]) { _, carries, rows in
      let error = rows[0] - theta * carries[0]
      return ([error], [error])
    }
    let errors = concatenate([first.reshaped(to: [1]), rest.outputs[0]], axis: 0)
    m.observe("error", Normal(in: m.graph, loc: 0, scale: sigma), value: errors)
  }

  private static let garch = BayesianModel("garch11") { m in
    let y = m.data("y")
    let sigma1 = m.data("sigma1")
    let mu = m.parameter("mu")
    let alpha0 = m.parameter("alpha0", bijector: Bijectors.Exp())
    let alpha1 = m.parameter("alpha1", bijector: Bijectors.Sigmoid())
    let share = m.parameter("share", bijector: Bijectors.Sigmoid())
    m.factor(log1p(-alpha1))
    let beta1 = m.deterministic("beta1", (1 - alpha1) * share)
    let shocks = alpha0 + alpha1 * (y[..<(-1)] - mu) * (y[..<(-1)] - mu)
    let first = sigma1 * sigma1
    let rest = m.graph.scan(from: [first], over: [shocks]) { _, carries, rows in
      let variance = rows[0] + beta1 * carries[0]
      return ([variance], [variance])
    }
    let variances = concatenate([first.reshaped(to: [1]), rest.outputs[0]], axis: 0)
    m.observe("y", Normal(loc: mu, scale: sqrt(variances)))
  }

  /// The covariance of a Gaussian process at x: squared exponential.
  private static func kernel(_ x: Tensor, _ rho: Tensor, _ alpha: Tensor, diagonal: Tensor) -> Tensor {
    let distance = (x.expandedDims(1) - x.expandedDims(0)) / rho
    let covariance = alpha * alpha * exp(-0.5 * distance * distance)
    return covariance + diag(diagonal.broadcast(to: x.shape))
  }

  private static let gaussianProcess = BayesianModel("gp_regr") { m in
    let x = m.data("x")
    let rho = m.sample("rho", Gamma(in: m.graph, concentration: 25, rate: 4))
    let alpha = m.sample("alpha", HalfNormal(in: m.graph, scale: 2))
    let sigma = m.sample("sigma", HalfNormal(in: m.graph, scale: 1))
    let factor = cholesky(kernel(x, rho, alpha, diagonal: sigma))
    m.observe("y", MultivariateNormalTriL(loc: x.zerosLike(), scaleTriL: factor))
  }

  private static let poissonProcess = BayesianModel("gp_pois_regr") { m in
    let x = m.data("x")
    let rho = m.sample("rho", Gamma(in: m.graph, concentration: 25, rate: 4))
    let alpha = m.sample("alpha", HalfNormal(in: m.graph, scale: 2))
    let z = m.sample("z", Normal(loc: x.zerosLike(), scale: 1))
    let factor = cholesky(kernel(x, rho, alpha, diagonal: m.graph.constant(1e-10)))
    let f = m.deterministic("f", matmul(factor, z.expandedDims(1)).squeezed(axes: [1]))
    m.observe("k", Poisson(logRate: f))
  }

  private static let hiddenMarkov = BayesianModel("hmm_example") { m in
    let y = m.data("y")
    let theta1 = m.parameter("theta1", shape: [2], bijector: Bijectors.IteratedSigmoidCentered())
    let theta2 = m.parameter("theta2", shape: [2], bijector: Bijectors.IteratedSigmoidCentered())
    let mu = m.sample(
      "mu", Normal(in: m.graph, loc: [3.0, 10.0], scale: 1),
      bijector: Bijectors.Chain([Bijectors.Exp(), Bijectors.Ascending()]))
    let moves = log(stack([theta1, theta2]))
    let densities = Normal(loc: mu, scale: 1.0).logProb(y.expandedDims(1))
    let steps = m.graph.scan(from: [densities[0]], over: [densities[1...]]) { _, carries, rows in
      let next = logSumExp(carries[0].expandedDims(1) + moves, axes: [0]) + rows[0]
      return ([next], [])
    }
    m.factor(logSumExp(steps.last[0], axes: [0]))
  }

  private static let gaussianMixture = BayesianModel("low_dim_gauss_mix") { m in
    let mu = m.sample("mu", Normal(in: m.graph, loc: [0.0, 0.0], scale: 2), bijector: Bijectors.Ascending())
    let sigma = m.sample("sigma", HalfNormal(in: m.graph, scale: [2.0, 2.0]))
    let theta = m.sample("theta", Beta(in: m.graph, concentration1: 5, concentration0: 5))
    let component = Categorical(probs: stack([theta, 1 - theta]))
    m.observe(
      "y", MixtureSameFamily(mixtureDistribution: component, componentsDistribution: Normal(loc: mu, scale: sigma)))
  }

  /// A constant and columns of data times coefficients.
  private static func linear(_ beta: Tensor, _ columns: [Tensor]) -> Tensor {
    columns.enumerated().reduce(beta[0]) { $0 + beta[$1.offset + 1] * $1.element }
  }

  private static let kidScores = BayesianModel("kidscore_momhsiq") { m in
    let beta = m.parameter("beta", shape: [3])
    let sigma = m.sample("sigma", HalfCauchy(in: m.graph, scale: 2.5))
    m.observe("kid_score", Normal(loc: linear(beta, [m.data("mom_hs"), m.data("mom_iq")]), scale: sigma))
  }

  private static let earnings = BayesianModel("logearn_interaction") { m in
    let (height, male) = (m.data("height"), m.data("male"))
    let beta = m.parameter("beta", shape: [4])
    let sigma = m.parameter("sigma", bijector: Bijectors.Exp())
    m.observe(
      "log_earn", Normal(loc: linear(beta, [height, male, height * male]), scale: sigma), value: log(m.data("earn")))
  }

  private static let temperatures = BayesianModel("kilpisjarvi") { m in
    let alpha = m.sample("alpha", Normal(loc: m.data("pmualpha"), scale: m.data("psalpha")))
    let beta = m.sample("beta", Normal(loc: m.data("pmubeta"), scale: m.data("psbeta")))
    let sigma = m.parameter("sigma", bijector: Bijectors.Exp())
    m.observe("y", Normal(loc: alpha + beta * m.data("x"), scale: sigma))
  }

  private static let correlatedRegression = BayesianModel("sblrc") { m in
    let x = m.data("X")
    let beta = m.sample("beta", Normal(loc: m.graph.zeros(Shape([x.shape[1]])), scale: 10))
    let sigma = m.sample("sigma", HalfNormal(in: m.graph, scale: 10))
    m.observe("y", Normal(loc: matmul(x, beta.expandedDims(1)).squeezed(axes: [1]), scale: sigma))
  }

  private static let diamonds = BayesianModel("diamonds") { m in
    let x = m.data("Xc")
    let b = m.sample("b", Normal(loc: m.graph.zeros(Shape([x.shape[1]])), scale: 1))
    let intercept = m.sample("Intercept", StudentT(in: m.graph, df: 3, loc: 8, scale: 10))
    let sigma = m.sample("sigma", StudentT(in: m.graph, df: 3, loc: 0, scale: 10), bijector: Bijectors.Exp())
    m.observe("Y", Normal(loc: intercept + matmul(x, b.expandedDims(1)).squeezed(axes: [1]), scale: sigma))
  }

  @Sendable private static func centeredColumns(_ data: [String: HostArray]) throws -> [String: HostArray] {
    guard let x = data["X"], let y = data["Y"] else { return data }
    let (rows, columns, values) = (x.shape[0], x.shape[1], x.doubles)
    var centered: [Double] = []
    let means = (1..<columns).map { column in
      (0..<rows).reduce(0) { $0 + values[$1 * columns + column] } / Double(rows)
    }
    for row in 0..<rows {
      for column in 1..<columns { centered.append(values[row * columns + column] - means[column - 1]) }
    }
    return ["Y": y, "Xc": try HostArray(centered, shape: [rows, columns - 1])]
  }

  private static let partyIdentification = BayesianModel("nes2000") { m in
    let age = m.data("age_discrete")
    func isAge(_ group: Double) -> Tensor { (age .== group).cast(to: .float64) }
    let beta = m.parameter("beta", shape: [9])
    let sigma = m.parameter("sigma", bijector: Bijectors.Exp())
    let columns = [
      m.data("real_ideo"), m.data("race_adj"), isAge(2), isAge(3), isAge(4), m.data("educ1"), m.data("gender"),
      m.data("income"),
    ]
    m.observe("partyid7", Normal(loc: linear(beta, columns), scale: sigma))
  }

  private static let wells = BayesianModel("wells_dist100ars") { m in
    let alpha = m.parameter("alpha")
    let beta = m.parameter("beta", shape: [2])
    m.observe(
      "switched", Bernoulli(logits: alpha + beta[0] * m.data("dist") / 100 + beta[1] * m.data("arsenic")))
  }

  private static let dogs = BayesianModel("dogs") { m in
    let y = m.data("y")
    let shocks = cumsum(y, axis: 1, exclusive: true)
    let trials = m.graph.iota(y.shape, axis: 1, dtype: .float64)
    let beta = m.sample("beta", Normal(loc: m.graph.zeros([3]), scale: 100))
    m.observe("y", Bernoulli(logits: linear(beta, [trials - shocks, shocks])))
  }
}
