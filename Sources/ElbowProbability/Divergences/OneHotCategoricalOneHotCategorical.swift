import ElbowGraph

/// That of the positions.
@Sendable func klOneHotCategoricalOneHotCategorical(_ a: OneHotCategorical, _ b: OneHotCategorical) -> Tensor {
  klCategoricalCategorical(a.categorical, b.categorical)
}
