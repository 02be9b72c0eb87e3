import ElbowGraph

/// The sum of the divergences of the elements.
@Sendable func klMultivariateNormalDiagMultivariateNormalDiag(
  _ a: MultivariateNormalDiag, _ b: MultivariateNormalDiag
) -> Tensor {
  let elements = normalDivergence(a.loc, a.scaleDiag, b.loc, b.scaleDiag)
  guard elements.isValid else { return elements }
  // Scales given by one number for all elements stretch to the event before the sum.
  return elements.broadcast(to: elements.shape.dropLast(1) + a.eventShape).sum(axes: [-1])
}
