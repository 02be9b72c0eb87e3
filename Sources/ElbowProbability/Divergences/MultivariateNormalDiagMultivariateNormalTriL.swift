import ElbowGraph

/// KL(a || b), where A is a diagonal matrix.
@Sendable func klMultivariateNormalDiagMultivariateNormalTriL(
  _ a: MultivariateNormalDiag, _ b: MultivariateNormalTriL
) -> Tensor {
  // One number that stands for a whole diagonal is stretched.
  let diagonal = a.scaleDiag.broadcast(to: a.scaleDiag.shape.dropLast(1) + a.eventShape)
  return triangularDivergence(
    distance: solved(b.scaleTriL, a.loc - b.loc), ratio: triangularSolve(b.scaleTriL, diag(diagonal)),
    diagonals: (diagonal, diagPart(b.scaleTriL)))
}
