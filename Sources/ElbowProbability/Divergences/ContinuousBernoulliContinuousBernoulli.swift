import ElbowGraph

/// mean_a (l_a - l_b) - c(l_a) + c(l_b) with c(l) = log((exp(l) - 1) / l), l the logits.
@Sendable func klContinuousBernoulliContinuousBernoulli(
  _ a: ContinuousBernoulli, _ b: ContinuousBernoulli
) -> Tensor {
  a.mean() * (a.logits - b.logits) - a.logRise(a.logits) + b.logRise(b.logits)
}
