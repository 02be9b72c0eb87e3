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
    if x.rank >= 1, random.chance(0.2) { return composedDistribution(x) }
    let fitting = DistributionConstructor.all.filter { x.rank >= $0.leastRank }
    guard let constructor = random.pick(from: fitting), let parameters = parameters(of: constructor, from: x) else {
      return nil
    }
    return constructor.make(parameters)
  }

  /// Values for the parameters of a distribution, each within its constraint.
  private mutating func parameters(of constructor: DistributionConstructor, from x: Tensor) -> [Tensor]? {
    var made: [String: Tensor] = [:]
    for parameter in constructor.parameters {
      guard var source = made.isEmpty ? x : partner(of: x) else { return nil }
      if constructor.leastRank == 1 {
        // A vector of the last axis makes one distribution; a parameter that is a number has no such axis.
        source = source.broadcast(to: x.shape)
        if parameter.eventNDims == 0 { source = source.max(axes: [-1]) }
      }
      guard let value = value(of: parameter, from: source) else { return nil }
      let bound = parameter.lowerBound.flatMap { made[$0] }
      made[parameter.name] = bound.map { $0 + positive(value) } ?? value
    }
    return constructor.parameters.compactMap { made[$0.name] }
  }

  private func value(of parameter: DistributionConstructor.Parameter, from x: Tensor) -> Tensor? {
    switch parameter.constraint {
    case .real, .logits: parameter.eventNDims == 2 ? x.expandedDims(-1) * 0.5 : x
    case .positive, .nonNegative: positive(x)
    case .wholeNumber: round(positive(x)) + 1
    case .unitInterval: sigmoid(x)
    case .simplex: softmax(x)
    case .lowerTriangular: triangle(x)
    case .positiveDefinite: triangle(x).map { matmul($0, $0, transposeB: true) }
    }
  }

  /// A lower triangular matrix with a positive diagonal for each vector.
  private func triangle(_ x: Tensor) -> Tensor? {
    guard let size = x.shape[-1].value, size <= 9 else { return nil }
    let factor = tril(x.expandedDims(-1) * tanh(x).expandedDims(-2)) * 0.3
    return factor + diag(x.graph.full([Dimension(size)], 1.5, dtype: x.dtype))
  }

  /// A distribution made of others.
  private mutating func composedDistribution(_ x: Tensor) -> (any Distribution)? {
    guard let scale = partner(of: x).map(positive) else { return nil }
    switch random.below(4) {
    case 0: return Independent(Normal(loc: x, scale: scale), reinterpretedBatchNDims: 1)
    case 1:
      return MixtureSameFamily(
        mixtureDistribution: Categorical(logits: x), componentsDistribution: Normal(loc: x * 2, scale: 0.7))
    case 2: return Sample(Laplace(loc: x, scale: scale), sampleShape: [2])
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

extension DistributionConstructor {
  /// The rank that parameters need before matrices are made of vectors.
  fileprivate var leastRank: Int { parameters.contains { $0.eventNDims > 0 } ? 1 : 0 }
}
