import ElbowArrays
import ElbowGraph

/// log(ndtr(b) - ndtr(a)) for a <= b: from the nearer tail, by the error function if zero is between, and where the two
/// are close by the Taylor series of the density around their middle m,
///
///     ndtr(b) - ndtr(a) = density(m) h (1 + sum_k He_2k(m) (h/2)^2k / (2k + 1)!),  h = b - a
///
/// with Hermite's polynomials (Abramowitz and Stegun 26.2.17).
func logNormalInterval(_ a: Tensor, _ b: Tensor) -> Tensor {
  let isUpper = a > 0
  let isClose = (b - a) * maximum(maximum(abs(a), abs(b)), 1) < 0.2
  let isBetween = (a <= 0) .& (b >= 0)
  let isOuter = .!(isBetween .| isClose)
  // In the upper half by reflection: then both are below zero.
  let low = select(isOuter, select(isUpper, -b, a), a.scalar(-2))
  let high = select(isOuter, select(isUpper, -a, b), a.scalar(-1))
  let (logLow, logHigh) = (logNdtr(low), logNdtr(high))
  let outer = logHigh + log1mexp(minimum(logLow - logHigh, 0))
  let isInner = isBetween .& .!isClose
  let (left, right) = (select(isInner, a, a.scalar(-1)), select(isInner, b, b.scalar(1)))
  let inner = log(0.5 * (erf(right * 0.5.squareRoot()) - erf(left * 0.5.squareRoot())))
  let close = logNarrowInterval(select(isClose, a, a.scalar(0)), select(isClose, b, b.scalar(0.1)))
  return select(isClose, close, select(isBetween, inner, outer))
}

/// ``logNormalInterval(_:_:)`` of a close pair; -inf without a gradient where they are equal.
private func logNarrowInterval(_ a: Tensor, _ b: Tensor) -> Tensor {
  let isNothing = b <= a
  let (m, width) = (0.5 * (a + b), select(isNothing, a.onesLike(), b - a))
  let (square, step) = (m * m, 0.25 * width * width)
  // He_2k(m) / (2k + 1)!.
  let terms = [
    polynomial(square, [-1, 1]) / 6, polynomial(square, [3, -6, 1]) / 120,
    polynomial(square, [-15, 45, -15, 1]) / 5040, polynomial(square, [105, -420, 210, -28, 1]) / 362_880,
  ]
  var series = step.zerosLike()
  for term in terms.reversed() { series = step * (term + series) }
  let value = -0.5 * square - 0.5 * Double.log2Pi + log(width) + log1p(select(isNothing, a.zerosLike(), series))
  return select(isNothing, a.scalar(-.infinity), value)
}
