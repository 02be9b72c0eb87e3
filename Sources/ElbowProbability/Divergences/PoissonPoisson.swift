import ElbowGraph

/// r_a (log r_a - log r_b) - r_a + r_b, as r_a (exp(-d) - 1 + d) with d = log(r_a / r_b): at least 0, and exact near 0.
@Sendable func klPoissonPoisson(_ a: Poisson, _ b: Poisson) -> Tensor {
  let isZero = a.rate .== 0
  let d = a.logRate - b.logRate
  return select(isZero, b.rate, a.rate * expm1MinusIdentity(-select(isZero, d.zerosLike(), d)))
}
