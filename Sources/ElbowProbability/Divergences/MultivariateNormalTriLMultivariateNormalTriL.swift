import ElbowGraph

/// KL(a || b) of normal distributions with triangular factors.
@Sendable func klMultivariateNormalTriLMultivariateNormalTriL(
  _ a: MultivariateNormalTriL, _ b: MultivariateNormalTriL
) -> Tensor {
  triangularDivergence(
    distance: solved(b.scaleTriL, a.loc - b.loc), ratio: triangularSolve(b.scaleTriL, a.scaleTriL),
    diagonals: (diagPart(a.scaleTriL), diagPart(b.scaleTriL)))
}

/// The divergence from the parts of normal distributions with lower triangular factors A and B, as
///
///     |B^-1 (m_a - m_b)|^2 / 2 + sum_(i > j) C_ij^2 / 2 + sum_i (exp(2 d_i) - 1 - 2 d_i) / 2
///
/// with C = B^-1 A, d_i = log|A_ii / B_ii| = log|C_ii|. All terms are at least 0, and exact even if the distributions are
/// nearly equal, as in ``normalDivergence(_:_:_:_:)``.
func triangularDivergence(
  distance: Tensor, ratio: Tensor, diagonals: (a: Tensor, b: Tensor)
) -> Tensor {
  guard distance.isValid, ratio.isValid else { return distance.graph.invalid() }
  let below = bandPart(ratio, lower: nil, upper: -1)
  let stretched = expm1MinusIdentity(2 * logRatio(abs(diagonals.a), abs(diagonals.b)))
  return 0.5 * (distance * distance).sum(axes: [-1]) + 0.5 * (below * below).sum(axes: [-1, -2])
    + 0.5 * stretched.sum(axes: [-1])
}
