import ElbowGraph

/// log(c_a / c_b) + c_b log(s_a / s_b) + c_b / c_a - 1, infinite if a reaches below b: s_a < s_b.
@Sendable func klParetoPareto(_ a: Pareto, _ b: Pareto) -> Tensor {
  let value =
    b.concentration * (log(a.scale) - log(b.scale))
    + expm1MinusIdentity(logRatio(b.concentration, a.concentration))
  return select(a.scale < b.scale, value.scalar(.infinity), value)
}
