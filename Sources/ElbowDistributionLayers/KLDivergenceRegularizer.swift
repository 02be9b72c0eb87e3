import ElbowGraph
import ElbowProbability

/// The penalty that a distribution adds to the loss for being far from another: the batch's mean of the weighted divergence,
/// the second term of the negative ELBO.
///
/// The divergence is estimated, as `log q(z) - log p(z)` at the one sample that the distribution stands for as a tensor, or
/// exact where asked for and a closed form exists. A weight other than 1 makes a beta-VAE (Higgins et al. 2017).
public struct KLDivergenceRegularizer {
  /// The distribution to be near, usually the prior.
  public let distribution: any Distribution
  /// Whether the divergence is the closed form, or an estimate at one sample.
  public let usesExactKL: Bool
  /// The factor of the divergence.
  public let weight: Double

  /// A penalty for being far from a distribution.
  ///
  /// - Parameters:
  ///   - distribution: The distribution to be near, usually the prior.
  ///   - usesExactKL: Whether the divergence is the closed form. Where there is none, that is recorded as a mistake.
  ///   - weight: The factor of the divergence; other than 1 for a beta-VAE.
  public init(_ distribution: any Distribution, usesExactKL: Bool = false, weight: Double = 1) {
    self.distribution = distribution
    self.usesExactKL = usesExactKL
    self.weight = weight
  }

  /// The loss, a scalar.
  public func callAsFunction(_ posterior: any Distribution) -> Tensor { weighed(divergence(of: posterior)) }

  /// The batch's mean of the divergence, without the weight.
  func divergence(of posterior: any Distribution) -> Tensor {
    mean(
      usesExactKL
        ? posterior.klDivergence(distribution)
        : posterior.logProb(posterior.tensor) - distribution.logProb(posterior.tensor))
  }

  /// The loss that a divergence makes.
  func weighed(_ divergence: Tensor) -> Tensor { weight == 1 ? divergence : weight * divergence }
}
