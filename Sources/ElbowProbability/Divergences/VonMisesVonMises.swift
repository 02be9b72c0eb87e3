import ElbowGraph

/// log(I_0(k_b) / I_0(k_a)) + A (k_a - k_b cos(m_a - m_b)) with A = I_1(k_a) / I_0(k_a), as
///
///     (log J_b - log J_a) + (k_b - k_a) (1 - A) + 2 k_b A sin((m_a - m_b) / 2)^2,  J = exp(-k) I_0(k)
@Sendable func klVonMisesVonMises(_ a: VonMises, _ b: VonMises) -> Tensor {
  let s = sin(0.5 * (a.loc - b.loc))
  let spread = a.circularVariance
  return (b.logNormalizer - a.logNormalizer) + (b.concentration - a.concentration) * spread
    + 2 * b.concentration * (1 - spread) * s * s
}
