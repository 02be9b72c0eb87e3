import ElbowArrays
import ElbowGraph

// Logarithms of densities and probabilities that stay accurate, and have gradients, at the ends of their domains.

/// A formula of x, and a constant where x is outside its domain. The formula sees a safe number there, so that neither
/// it nor its gradient is infinite or NaN. NaN itself is not outside.
func within(
  _ x: Tensor, outside: Tensor, safe: Double, value: Double, _ formula: (Tensor) -> Tensor
) -> Tensor {
  select(outside, x.scalar(value), formula(select(outside, x.scalar(safe), x)))
}

/// log(p), and -inf without a gradient where p is not positive.
func logOfProbability(_ p: Tensor) -> Tensor {
  let isPositive = p > 0
  return select(isPositive, log(select(isPositive, p, p.onesLike())), p.scalar(-.infinity))
}

/// w log(y), and 0 where both are 0. Unlike `xlogy` it keeps the derivative by w, log(y), at w = 0.
func weightedLog(_ w: Tensor, _ y: Tensor) -> Tensor { w * log(select((w .== 0) .& (y .== 0), y.onesLike(), y)) }

/// The logarithm of a probability, from that of its complement where that is the smaller of the two.
func logShare(_ part: Tensor, rest: Tensor) -> Tensor {
  let isLarge = rest < part
  return minimum(select(isLarge, log1mexp(select(isLarge, minimum(rest, 0), rest.scalar(-1))), part), 0)
}

/// log(p), by log1p of its complement where that is the smaller of the two.
func logProbability(_ p: Tensor, complement: Tensor) -> Tensor {
  let isLarge = complement < p
  return select(
    isLarge, log1p(-select(isLarge, complement, p.scalar(0.5))), log(select(isLarge, p.scalar(0.5), p)))
}

/// log(1 + w^2), whose square must not overflow.
func logOnePlusSquare(_ w: Tensor) -> Tensor {
  let isLarge = abs(w) > 1e8
  let (small, large) = (select(isLarge, w.zerosLike(), w), select(isLarge, abs(w), w.onesLike()))
  return select(isLarge, 2 * log(large), log1p(small * small))
}

/// The log density of the standard logistic distribution, -|z| - 2 log(1 + exp(-|z|)).
func standardLogisticLogProb(_ z: Tensor) -> Tensor {
  let magnitude = negativeMagnitude(z)
  return magnitude - 2 * log1p(exp(magnitude))
}
