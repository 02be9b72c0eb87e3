import ElbowGraph

/// log(s_b / s_a) + (s_a^2 + (m_a - m_b)^2) / (2 s_b^2) - 1/2, term by term as ``normalDivergence(_:_:_:_:)`` has it.
@Sendable func klNormalNormal(_ a: Normal, _ b: Normal) -> Tensor {
  normalDivergence(a.loc, a.scale, b.loc, b.scale)
}

/// The divergence of two scalar normal distributions, as
///
///     ((m_a - m_b) / s_b)^2 / 2 + (exp(2 d) - 1 - 2 d) / 2,  d = log(s_a / s_b)
///
/// Both terms are at least 0, and exact even if the distributions are nearly equal.
func normalDivergence(_ locA: Tensor, _ scaleA: Tensor, _ locB: Tensor, _ scaleB: Tensor) -> Tensor {
  let distance = (locA - locB) / scaleB
  return 0.5 * distance * distance + 0.5 * expm1MinusIdentity(2 * logRatio(scaleA, scaleB))
}

/// log(a / b): by log1p of the relative difference if that is small, which subtraction leaves exact.
func logRatio(_ a: Tensor, _ b: Tensor) -> Tensor {
  let relative = (a - b) / b
  let isSmall = abs(relative) < 0.5
  return select(isSmall, log1p(select(isSmall, relative, relative.zerosLike())), log(a) - log(b))
}
