import ElbowGraph

/// p log(p / q) + (1 - p) log((1 - p) / (1 - q)); a term with a probability of 0 in front is 0.
@Sendable func klBernoulliBernoulli(_ a: Bernoulli, _ b: Bernoulli) -> Tensor {
  let (p, q) = (a.probabilities, b.logProbabilities)
  return term(p.success, a.logProbabilities.success, q.success) + term(p.failure, a.logProbabilities.failure, q.failure)
}

private func term(_ p: Tensor, _ logP: Tensor, _ logQ: Tensor) -> Tensor {
  let isZero = p .== 0
  return p * (select(isZero, logP.zerosLike(), logP) - select(isZero, logQ.scalar(0), logQ))
}
