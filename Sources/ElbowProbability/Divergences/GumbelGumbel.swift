import ElbowGraph

/// log(s_b / s_a) + g (s_a / s_b - 1) + (m_a - m_b) / s_b + exp((m_b - m_a) / s_b) gamma(s_a / s_b + 1) - 1, with g Euler's
/// constant.
@Sendable func klGumbelGumbel(_ a: Gumbel, _ b: Gumbel) -> Tensor {
  let (ratio, distance) = (a.scale / b.scale, (a.loc - b.loc) / b.scale)
  return log(b.scale) - log(a.scale) + Double.eulerGamma * (ratio - 1) + distance
    + expm1(lgamma(ratio + 1) - distance)
}
