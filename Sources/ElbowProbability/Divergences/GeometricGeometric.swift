import ElbowGraph

/// log(p_a / p_b) + (1 - p_a) / p_a log((1 - p_a) / (1 - p_b)).
@Sendable func klGeometricGeometric(_ a: Geometric, _ b: Geometric) -> Tensor {
  let (first, second) = (a.parameter, b.parameter)
  // At p_a = 1 there is no failure, whatever p_b says of it.
  let isCertain = first.failure .== 0
  let failures = select(isCertain, first.logFailure.zerosLike(), first.logFailure - second.logFailure)
  return (first.logSuccess - second.logSuccess) + failures / first.odds
}
