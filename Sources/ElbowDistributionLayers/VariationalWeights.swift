import ElbowArrays
import ElbowGraph
import ElbowNetworks
import ElbowProbability

/// The random weights of a layer: what is learned is their distribution (Blundell et al. 2015, "Weight Uncertainty in Neural
/// Networks").
public struct VariationalWeights {
  /// How a call draws from the weights.
  public enum Estimator: Sendable {
    /// One draw for the whole batch (Kingma and Welling 2014).
    case reparameterization
    /// One draw whose signs are flipped independently for every example, which makes gradients less noisy (Wen et al. 2018,
    /// "Flipout", equation 4).
    case flipout
  }

  /// The distribution learned: independent normals, with variables `kernel_posterior_loc` and
  /// `kernel_posterior_untransformed_scale`, made positive by softplus.
  public let posterior: Independent
  /// The prior: their distribution as it was believed to be before any data.
  public let prior: any Distribution
  /// The posterior's mean.
  let loc: Tensor
  /// The posterior's standard deviations.
  let scale: Tensor

  /// TensorFlow Probability's mean field: the means begin near 0, the scales near softplus(-3) = 0.05.
  init(_ extents: [Int], graph: Graph, dtype: DType, prior: (any Distribution)?) {
    loc = graph.variable(
      "kernel_posterior_loc", initialValue: Initializer.randomNormal(stddev: 0.1)(extents, graph: graph, dtype: dtype))
    let untransformed = graph.variable(
      "kernel_posterior_untransformed_scale",
      initialValue: Initializer.randomNormal(mean: -3, stddev: 0.1)(extents, graph: graph, dtype: dtype))
    scale = softplus(untransformed) + 1e-5
    posterior = Independent(Normal(loc: loc, scale: scale), reinterpretedBatchNDims: extents.count)
    self.prior =
      prior
      ?? Independent(
        Normal(loc: loc.zerosLike(), scale: loc.onesLike()), reinterpretedBatchNDims: extents.count)
  }

  /// The result of a linear map with random weights, `[n, ..., in]` to `[n, ..., out]`.
  func apply(_ map: (_ input: Tensor, _ kernel: Tensor) -> Tensor, to input: Tensor, _ estimator: Estimator) -> Tensor {
    guard estimator == .flipout else { return map(input, posterior.tensor) }
    let noise = scale * input.graph.randomNormal(scale.shape, dtype: scale.dtype)
    let result = map(input, loc)
    guard result.isValid else { return result }
    return result + map(input * signs(like: input), noise) * signs(like: result)
  }

  /// -1 and 1 with equal probability, one for each example and channel.
  private func signs(like x: Tensor) -> Tensor {
    let shape = Shape(
      x.shape.dimensions.enumerated().map { axis, extent in
        axis == 0 || axis == x.rank - 1 ? extent : 1
      })
    return sign(x.graph.randomUniform(shape, dtype: x.dtype) - 0.5)
  }
}
