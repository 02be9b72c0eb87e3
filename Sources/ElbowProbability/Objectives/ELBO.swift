import ElbowGraph

/// The evidence lower bound with the analytic divergence (Kingma and Welling 2014),
///
///     log p(x | z) - KL(q(z | x) || p(z)) <= log p(x)   in expectation over z ~ q(z | x)
///
/// - Parameters:
///   - observed: The value that the likelihood is of: x.
///   - likelihood: p(x | z), for a z that was drawn from the posterior.
///   - posterior: The approximate posterior q(z | x).
///   - prior: p(z).
/// - Returns: One bound for each element of the batch. Minimize minus its mean.
public func evidenceLowerBound(
  of observed: some TensorLike, likelihood: any Distribution, posterior: any Distribution, prior: any Distribution
) -> Tensor {
  posterior.graph.located { likelihood.logProb(observed) - posterior.klDivergence(prior) }
}
