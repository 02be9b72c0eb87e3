import ElbowGraph

/// (exp(2 d) - 1 - 2 d) / 2 with d = log(s_a / s_b).
@Sendable func klHalfNormalHalfNormal(_ a: HalfNormal, _ b: HalfNormal) -> Tensor {
  0.5 * expm1MinusIdentity(2 * logRatio(a.scale, b.scale))
}
