import ElbowGraph

/// log(k_a / k_b) + k_b log(s_b) - k_a log(s_a) + (k_a - k_b) (log(s_a) - g / k_a)
/// + (s_a / s_b)^k_b gamma(k_b / k_a + 1) - 1, with g Euler's constant (Bauckhage 2013).
@Sendable func klWeibullWeibull(_ a: Weibull, _ b: Weibull) -> Tensor {
  let (k, l) = (a.concentration, b.concentration)
  let distance = log(a.scale) - log(b.scale)
  return log(k) - log(l) - l * distance - (k - l) * Double.eulerGamma / k + expm1(l * distance + lgamma(l / k + 1))
}
