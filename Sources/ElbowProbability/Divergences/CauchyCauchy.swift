import ElbowGraph

/// log(1 + ((s_a - s_b)^2 + (m_a - m_b)^2) / (4 s_a s_b)) (Chyzak and Nielsen 2019).
@Sendable func klCauchyCauchy(_ a: Cauchy, _ b: Cauchy) -> Tensor {
  let (spread, distance) = (a.scale - b.scale, a.loc - b.loc)
  return log1p((spread * spread + distance * distance) / (4 * a.scale * b.scale))
}
