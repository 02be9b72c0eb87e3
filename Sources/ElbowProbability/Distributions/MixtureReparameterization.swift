import ElbowArrays
import ElbowDifferentiation
import ElbowGraph

/// How the draws of a mixture move with its weights and with the parameters of all its components.
///
/// A draw x keeps what the distributional transform makes of it (Figurnov, Mohamed, Mnih 2018, section 4; Graves 2016,
/// "Stochastic backpropagation through mixture density distributions"): each element's conditional cdf, given those
/// before,
///
///     F_j(x) = sum_k w_kj(x) F_k(x_j),  w_kj(x) = probs[k] p_k(x_0) ... p_k(x_(j-1)) / sum over k
///
/// Elements are independent in each component, with cdf F_k and density p_k. So dx/dt = -J^-1 dF/dt for any parameter
/// t, where J = dF/dx is lower triangular: on its diagonal are the conditional densities, and below
///
///     dF_j/dx_i = sum_k w_kj F_k(x_j) (s_ki - sum_l w_lj s_li),  s_ki = d log p_k(x_i) / dx_i
struct MixtureReparameterization {
  let mixture: Categorical
  /// The distribution of single elements: its batch is that of the components, and an axis for vectors.
  let elements: any Distribution
  /// Whether events are vectors; else they are scalars.
  let isOfVectors: Bool

  /// The distribution of single elements of a distribution that has them independent; nil for others.
  static func elements(of components: any Distribution) -> (any Distribution)? {
    let elements: (any Distribution)? =
      switch components {
      case let normal as MultivariateNormalDiag: Normal(loc: normal.loc, scale: normal.scaleDiag)
      case let independent as Independent where independent.reinterpretedBatchNDims == 1: independent.distribution
      default: components
      }
    guard let elements, elements.isValid, elements.eventShape.rank == 0, elements.dtype.isFloatingPoint,
      elements.cdfFormula(elements.graph.constant(0.5, dtype: elements.traits.parameterDType)) != nil
    else { return nil }
    return elements
  }

  /// Draws, with the gradients of the whole distribution.
  func reparameterized(_ draws: Tensor) -> Tensor {
    guard draws.isValid else { return draws }
    return draws.solving { x in
      // All elements of all components, so that scores are by each.
      let components = Shape([mixture.categoryCount]) + (isOfVectors ? x.shape.suffix(1) : .scalar)
      let shape = x.shape.dropLast(isOfVectors ? 1 : 0) + components
      let values = x.expandedDims(isOfVectors ? -2 : -1).broadcast(to: shape)
      guard let logProbs = elements.logProbFormula(values), let cdfs = elements.cdfFormula(values),
        logProbs.isValid, cdfs.isValid
      else { return (x.graph.invalid(), x.graph.invalid()) }
      return isOfVectors
        ? conditional(x, values, logProbs, cdfs) : (mixture.average(cdfs), exp(mixture.logAverage(logProbs)))
    }
  }

  /// The conditional cdfs of `[..., d]` and their Jacobians, `[..., d, d]`, from the elements' `[..., k, d]`.
  private func conditional(
    _ x: Tensor, _ values: Tensor, _ logProbs: Tensor, _ cdfs: Tensor
  ) -> (residual: Tensor, slope: Tensor) {
    // Weights of 0 stay 0 whatever comes before, and have no logarithm to differentiate.
    let isPossible = mixture.probs > 0
    let logPrior = mixture.logProbs(where: isPossible).expandedDims(-1)
    let logWeights = logPrior + cumsum(logProbs, axis: -1, exclusive: true)
    let weights = softmax(select(isPossible.expandedDims(-1), logWeights, x.scalar(-.infinity)), axis: -2)
    let residual = (weights * cdfs).sum(axes: [-2])

    let scores = gradient(of: logProbs.sum(), by: values, unconnected: .zero)
    let below =
      matmul(weights * cdfs, scores, transposeA: true)
      - residual.expandedDims(-1) * matmul(weights, scores, transposeA: true)
    let density = (weights * exp(logProbs)).sum(axes: [-2]).expandedDims(-1)
    let square = x.shape + x.shape.suffix(1)
    let isDiagonal = x.graph.iota(square, axis: -2) .== x.graph.iota(square, axis: -1)
    return (residual, tril(select(isDiagonal, density, below)))
  }
}
