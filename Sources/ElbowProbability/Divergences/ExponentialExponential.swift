import ElbowGraph

/// exp(d) - 1 - d with d = log(r_b / r_a).
@Sendable func klExponentialExponential(_ a: Exponential, _ b: Exponential) -> Tensor {
  expm1MinusIdentity(logRatio(b.rate, a.rate))
}
