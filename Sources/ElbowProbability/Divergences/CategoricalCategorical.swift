import ElbowGraph

/// sum_i p_i log(p_i / q_i); a term with a probability of 0 in front is 0.
@Sendable func klCategoricalCategorical(_ a: Categorical, _ b: Categorical) -> Tensor {
  let p = a.probs
  guard a.categoryCount.canEqual(b.categoryCount) else {
    return p.graph.invalid(
      .shape,
      "The KL divergence of \(a) from \(b): the first has \(a.categoryCount) categories, the second "
        + "\(b.categoryCount).")
  }
  let isPossible = p > 0
  return (p * (a.logProbs(where: isPossible) - b.logProbs(where: isPossible))).sum(axes: [-1])
}
