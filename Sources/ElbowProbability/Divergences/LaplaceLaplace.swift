import ElbowGraph

/// log(s_b / s_a) + d / s_b + s_a / s_b exp(-d / s_a) - 1 with d = |m_a - m_b|.
@Sendable func klLaplaceLaplace(_ a: Laplace, _ b: Laplace) -> Tensor {
  let distance = abs(a.loc - b.loc)
  return log(b.scale) - log(a.scale) + distance / b.scale + a.scale / b.scale * exp(-distance / a.scale) - 1
}
