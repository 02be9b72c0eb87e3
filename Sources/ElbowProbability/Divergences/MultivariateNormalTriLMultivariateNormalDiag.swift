import ElbowGraph

/// KL(a || b), where B^-1 A only divides rows.
@Sendable func klMultivariateNormalTriLMultivariateNormalDiag(
  _ a: MultivariateNormalTriL, _ b: MultivariateNormalDiag
) -> Tensor {
  triangularDivergence(
    distance: (a.loc - b.loc) / b.scaleDiag, ratio: a.scaleTriL / b.scaleDiag.expandedDims(-1),
    diagonals: (diagPart(a.scaleTriL), b.scaleDiag))
}
