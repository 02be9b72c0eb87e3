import ElbowGraph

/// The logarithm of the importance weight of a latent value (Burda, Grosse and Salakhutdinov 2016, equation 8),
///
///     log w = log p(x | z) + log p(z) - log q(z | x),   z ~ q(z | x)
///
/// Its mean over draws of z is the evidence lower bound; the logarithm of the mean of w over K draws is a tighter one.
///
/// - Parameters:
///   - observed: The value that the likelihood is of: x.
///   - latent: z, a sample of the posterior, of which the likelihood was made.
///   - likelihood: p(x | z).
///   - posterior: The approximate posterior q(z | x).
///   - prior: p(z).
/// - Returns: One logarithm for each element of the batch.
public func logImportanceWeight(
  of observed: some TensorLike, latent: some TensorLike, likelihood: any Distribution, posterior: any Distribution,
  prior: any Distribution
) -> Tensor {
  posterior.graph.located { likelihood.logProb(observed) + prior.logProb(latent) - posterior.logProb(latent) }
}
