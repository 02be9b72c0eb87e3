import ElbowGraph

/// 0 if the values are the same, else infinite.
@Sendable func klDeterministicDeterministic(_ a: Deterministic, _ b: Deterministic) -> Tensor { -b.logProb(a.loc) }

/// Minus the log density at the value.
@Sendable func klDeterministicNormal(_ a: Deterministic, _ b: Normal) -> Tensor { -b.logProb(a.loc) }
