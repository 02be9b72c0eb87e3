import ElbowGraph

/// (a_a - a_b) psi(a_a) - log gamma(a_a) + log gamma(a_b) + a_b log(r_a / r_b) + a_a (r_b / r_a - 1).
@Sendable func klGammaGamma(_ a: Gamma, _ b: Gamma) -> Tensor {
  (a.concentration - b.concentration) * digamma(a.concentration)
    + (lgamma(b.concentration) - lgamma(a.concentration)) + b.concentration * (log(a.rate) - log(b.rate))
    + a.concentration * (b.rate / a.rate - 1)
}

@Sendable func klGammaExponential(_ a: Gamma, _ b: Exponential) -> Tensor { klGammaGamma(a, b.gamma) }
@Sendable func klExponentialGamma(_ a: Exponential, _ b: Gamma) -> Tensor { klGammaGamma(a.gamma, b) }
@Sendable func klGammaChi2(_ a: Gamma, _ b: Chi2) -> Tensor { klGammaGamma(a, b.gamma) }
@Sendable func klChi2Gamma(_ a: Chi2, _ b: Gamma) -> Tensor { klGammaGamma(a.gamma, b) }
@Sendable func klChi2Chi2(_ a: Chi2, _ b: Chi2) -> Tensor { klGammaGamma(a.gamma, b.gamma) }

extension Exponential {
  /// The same as a gamma distribution.
  fileprivate var gamma: Gamma { Gamma(concentration: rate.onesLike(), rate: rate) }
}
