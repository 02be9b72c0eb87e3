import ElbowGraph

/// As one over the variates is gamma distributed with the scales as rates, that of ``Gamma``.
@Sendable func klInverseGammaInverseGamma(_ a: InverseGamma, _ b: InverseGamma) -> Tensor {
  klGammaGamma(
    Gamma(concentration: a.concentration, rate: a.scale), Gamma(concentration: b.concentration, rate: b.scale))
}
