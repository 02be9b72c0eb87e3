import ElbowArrays
import ElbowGraph
import ElbowProbability

/// Distributions and bijectors, of parameters that earlier operations made.
extension Vocabulary {
  static let distributions: [Operation] = [
    Operation("distribution", weight: 8, modes: [.smooth]) { composer in
      guard let x = composer.floating(rank: 0...2), let made = composer.distribution(x) else { return [] }
      return composer.quantities(of: made)
    },
    Operation("divergence", weight: 2, modes: [.smooth]) { composer in
      guard let x = composer.floating(rank: 1...2), let y = composer.partner(of: x) else { return [] }
      let (a, b) = (composer.positive(x), composer.positive(y))
      switch composer.random.below(6) {
      case 0: return [Normal(loc: x, scale: a).klDivergence(Normal(loc: y, scale: b))]
      case 1: return [Bernoulli(logits: x).klDivergence(Bernoulli(logits: y))]
      case 2: return [Gamma(concentration: a, rate: 1.5).klDivergence(Gamma(concentration: b, rate: 0.7))]
      case 3: return [Categorical(logits: x).klDivergence(Categorical(logits: y))]
      case 4:
        return [
          MultivariateNormalDiag(loc: x, scaleDiag: a).klDivergence(MultivariateNormalDiag(loc: y, scaleDiag: b))
        ]
      default:
        return [Beta(concentration1: a, concentration0: b).klDivergence(Beta(concentration1: b, concentration0: a))]
      }
    },
    Operation("bijector", weight: 5, modes: [.smooth]) { composer in
      guard let x = composer.floating(rank: 1...3), let bijector = composer.bijector(x) else { return [] }
      let y = bijector.forward(x)
      guard y.isValid else { return [] }
      var results = [y, bijector.forwardLogDetJacobian(x)]
      if composer.random.chance(0.4) { results.append(bijector.inverse(y + 0)) }
      return results
    },
  ]
}

extension Composer {
  /// A distribution whose parameters follow from a tensor.
  fileprivate mutating func distribution(_ x: Tensor) -> (any Distribution)? {
    guard let other = partner(of: x) else { return nil }
    let scale = positive(other)
    if x.rank >= 1, random.chance(0.35) { return vectorDistribution(x, scale) }
    switch random.below(26) {
    case 0, 1: return Normal(loc: x, scale: scale)
    case 2: return Bernoulli(logits: x)
    case 3: return Bernoulli(probs: sigmoid(x))
    case 4: return Beta(concentration1: positive(x), concentration0: scale)
    case 5: return Cauchy(loc: x, scale: scale)
    case 6: return Exponential(rate: scale)
    case 7: return Gamma(concentration: positive(x), rate: scale)
    case 8: return Geometric(logits: x)
    case 9: return Gumbel(loc: x, scale: scale)
    case 10: return HalfNormal(scale: scale)
    case 11: return InverseGamma(concentration: positive(x) + 1, scale: scale)
    case 12: return Kumaraswamy(concentration1: positive(x), concentration0: scale)
    case 13: return Laplace(loc: x, scale: scale)
    case 14: return LogNormal(loc: tanh(x), scale: sigmoid(other))
    case 15: return Logistic(loc: x, scale: scale)
    case 16: return Pareto(concentration: positive(x) + 1, scale: scale)
    case 17: return Poisson(rate: scale)
    case 18: return StudentT(df: positive(x) + 2, loc: x, scale: scale)
    case 19: return TruncatedNormal(loc: x, scale: scale, low: -1.0, high: 2.0)
    case 20: return Uniform(low: x, high: x + scale)
    case 21: return VonMises(loc: x, concentration: scale)
    case 22: return Weibull(concentration: positive(x), scale: scale)
    case 23: return ContinuousBernoulli(logits: x)
    case 24: return NegativeBinomial(totalCount: round(positive(x)) + 1, logits: tanh(other))
    default: return Binomial(totalCount: round(positive(x)) + 1, logits: tanh(other))
    }
  }

  private mutating func vectorDistribution(_ x: Tensor, _ scale: Tensor) -> (any Distribution)? {
    switch random.below(9) {
    case 0: return Categorical(logits: x)
    case 1: return OneHotCategorical(logits: x)
    case 2: return Dirichlet(concentration: positive(x))
    case 3: return MultivariateNormalDiag(loc: x, scaleDiag: scale.broadcast(to: x.shape))
    case 4: return Independent(Normal(loc: x, scale: scale), reinterpretedBatchNDims: 1)
    case 5:
      return MixtureSameFamily(
        mixtureDistribution: Categorical(logits: x), componentsDistribution: Normal(loc: x * 2, scale: 0.7))
    case 6:
      guard let size = x.shape[-1].value, size <= 9 else { return nil }
      let factor = tril(x.expandedDims(-1) * tanh(x).expandedDims(-2)) * 0.3
      let matrix = factor + diag(x.graph.full([Dimension(size)], 1.5, dtype: x.dtype))
      return MultivariateNormalTriL(loc: x, scaleTriL: matrix)
    case 7: return RelaxedOneHotCategorical(temperature: x.scalar(0.8), logits: x)
    default:
      return bijector(x).map {
        TransformedDistribution(Independent(Normal(loc: x, scale: scale), reinterpretedBatchNDims: 1), bijector: $0)
      }
    }
  }

  /// Some of what a distribution can say.
  fileprivate mutating func quantities(of made: any Distribution) -> [Tensor] {
    guard made.isValid else { return [] }
    let shape: Shape = random.chance(0.3) ? [2] : []
    switch random.below(6) {
    case 0:
      let sample = made.sample(shape)
      return sample.isValid ? [sample, made.logProb(sample)] : []
    case 1:
      let (sample, logProb) = made.sampleAndLogProb(shape)
      return [sample, logProb]
    case 2: return [made.mean()]
    case 3: return [random.chance(0.5) ? made.entropy() : made.variance()]
    case 4:
      let sample = stopGradient(made.sample())
      return sample.isValid ? [random.chance(0.5) ? made.cdf(sample) : made.logSurvivalFunction(sample)] : []
    default: return [made.sample(shape)]
    }
  }

  /// A bijector of the vectors of the last axis, or of each number.
  fileprivate mutating func bijector(_ x: Tensor) -> (any Bijector)? {
    switch random.below(14) {
    case 0: return Bijectors.Softplus()
    case 1: return Bijectors.Sigmoid()
    case 2: return Bijectors.Tanh()
    case 3: return Bijectors.Shift(0.5)
    case 4: return Bijectors.Scale(1.5)
    case 5: return Bijectors.Chain([Bijectors.Softplus(), Bijectors.Scale(0.5), Bijectors.Shift(-0.3)])
    case 6: return Bijectors.Cumsum()
    case 7: return Bijectors.SinhArcsinh(skewness: 0.3, tailweight: 1.2)
    case 8: return Bijectors.LeakyReLU(alpha: 0.4)
    case 9: return x.shape[-1].value.map { Bijectors.Permute(random.shuffled([Int](0..<$0))) }
    case 10: return Bijectors.SoftmaxCentered()
    case 11: return Bijectors.Softsign()
    case 12:
      return Bijectors.RationalQuadraticSpline(
        binWidths: [0.7, 1.3, 1.0], binHeights: [1.1, 0.9, 1.0], knotSlopes: [0.6, 1.4], rangeMin: -1.5)
    default:
      guard let size = x.shape[-1].value, size >= 2 else { return nil }
      return Bijectors.RealNVP(numMasked: size / 2) { x, count in
        let width = Double(count)
        let mean = x.mean(axes: [-1], keepDims: true).broadcast(to: x.shape.dropLast(1) + [Dimension(count)])
        return (mean * (1 / width), tanh(mean))
      }
    }
  }
}
