import ElbowGraph

/// The expectation of the gamma distribution's log density under the Weibull distribution, whose logarithm has the mean
/// log(scale) - g / k with g Euler's constant, subtracted from minus the entropy.
@Sendable func klWeibullGamma(_ a: Weibull, _ b: Gamma) -> Tensor {
  let meanLog = log(a.scale) - Double.eulerGamma / a.concentration
  let expected =
    (b.concentration - 1) * meanLog - b.rate * a.mean() + b.concentration * log(b.rate) - lgamma(b.concentration)
  return -a.entropy() - expected
}
