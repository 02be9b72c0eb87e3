import ElbowGraph

/// log(B(b) / B(a)) + sum_i (a_i - b_i) (psi(a_i) - psi(sum_j a_j)), with B the multivariate beta function.
@Sendable func klDirichletDirichlet(_ a: Dirichlet, _ b: Dirichlet) -> Tensor {
  let total = a.concentration.sum(axes: [-1], keepDims: true)
  let expected = digammaDifference(a.concentration, total - a.concentration)
  return b.logNormalizer - a.logNormalizer + ((a.concentration - b.concentration) * expected).sum(axes: [-1])
}
