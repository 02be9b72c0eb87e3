import ElbowGraph

/// log(B(b) / B(a)) + (a_1 - b_1) (psi(a_1) - psi(a_1 + a_0)) + (a_0 - b_0) (psi(a_0) - psi(a_1 + a_0)).
@Sendable func klBetaBeta(_ a: Beta, _ b: Beta) -> Tensor {
  lbeta(b.concentration1, b.concentration0) - lbeta(a.concentration1, a.concentration0)
    + (a.concentration1 - b.concentration1) * digammaDifference(a.concentration1, a.concentration0)
    + (a.concentration0 - b.concentration0) * digammaDifference(a.concentration0, a.concentration1)
}
