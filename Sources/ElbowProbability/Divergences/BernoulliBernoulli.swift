import ElbowGraph

/// p log(p / q) + (1 - p) log((1 - p) / (1 - q)); a term with a probability of 0 in front is 0.
@Sendable func klBernoulliBernoulli(_ a: Bernoulli, _ b: Bernoulli) -> Tensor {
  let p = a.probabilities
  let (isPossible, isFallible) = (p.success .!= 0, p.failure .!= 0)
  let logP = a.logProbabilities(whereSuccess: isPossible, whereFailure: isFallible)
  let logQ = b.logProbabilities(whereSuccess: isPossible, whereFailure: isFallible)
  return multiplyNoNaN(p.success, logP.success - logQ.success) + multiplyNoNaN(p.failure, logP.failure - logQ.failure)
}
