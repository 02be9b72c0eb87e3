import ElbowGraph

/// log((h_b - l_b) / (h_a - l_a)), infinite if a's interval is not within b's.
@Sendable func klUniformUniform(_ a: Uniform, _ b: Uniform) -> Tensor {
  let value = log((b.high - b.low) / (a.high - a.low))
  return select((a.low < b.low) .| (a.high > b.high), value.scalar(.infinity), value)
}
