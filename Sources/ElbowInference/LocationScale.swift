import ElbowGraph
import ElbowProbability

/// A distribution of a location and a scale, as a standard one that is shifted and stretched.
struct LocationScale {
  /// The log density of the standard distribution, element by element or event by event.
  let logProb: (Tensor) -> Tensor
  /// The value that a standard one stands for.
  let value: (Tensor) -> Tensor

  /// Nil for a distribution that is none of a location and a scale.
  init?(_ distribution: any Distribution) {
    let graph = distribution.graph
    let dtype = distribution.traits.parameterDType
    func scalar(_ standard: any Distribution, _ loc: Tensor, _ scale: Tensor) -> (
      logProb: (Tensor) -> Tensor, value: (Tensor) -> Tensor
    ) {
      ({ standard.logProb($0) }, { loc + scale * $0 })
    }
    switch distribution {
    case let it as Normal:
      (logProb, value) = scalar(Normal(in: graph, loc: 0, scale: 1, dtype: dtype), it.loc, it.scale)
    case let it as StudentT:
      (logProb, value) = scalar(
        StudentT(in: graph, df: it.df, loc: 0, scale: 1, dtype: dtype), it.loc, it.scale)
    case let it as Cauchy:
      (logProb, value) = scalar(Cauchy(in: graph, loc: 0, scale: 1, dtype: dtype), it.loc, it.scale)
    case let it as Laplace:
      (logProb, value) = scalar(Laplace(in: graph, loc: 0, scale: 1, dtype: dtype), it.loc, it.scale)
    case let it as Logistic:
      (logProb, value) = scalar(Logistic(in: graph, loc: 0, scale: 1, dtype: dtype), it.loc, it.scale)
    case let it as Gumbel:
      (logProb, value) = scalar(Gumbel(in: graph, loc: 0, scale: 1, dtype: dtype), it.loc, it.scale)
    case let it as MultivariateNormalDiag:
      (logProb, value) = scalar(Normal(in: graph, loc: 0, scale: 1, dtype: dtype), it.loc, it.scaleDiag)
    case let it as MultivariateNormalTriL:
      let standard = Normal(in: graph, loc: 0, scale: 1, dtype: dtype)
      logProb = { standard.logProb($0) }
      value = { z in
        it.loc + matmul(tril(it.scaleTriL), z.reshaped(to: z.shape + [1])).squeezed(axes: [-1])
      }
    default: return nil
    }
  }
}
