import ElbowGraph

/// That of the normal distributions of the logarithms.
@Sendable func klLogNormalLogNormal(_ a: LogNormal, _ b: LogNormal) -> Tensor {
  normalDivergence(a.loc, a.scale, b.loc, b.scale)
}
