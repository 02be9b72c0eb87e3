import ElbowArrays
import ElbowGraph

// The incomplete gamma and beta functions where distributions take their logarithms.

/// log P(a, x) of the regularised incomplete gamma function, also where P underflows: there from the leading terms of
/// its series (DLMF 8.7.1), to about 1e-9.
///
/// - Parameter logX: log(x), where that is known although x may underflow.
func logIgamma(_ a: Tensor, _ x: Tensor, logX: Tensor? = nil) -> Tensor {
  let isLower = x < a + 1
  let (one, at) = (select(isLower, a, a.scalar(1)), select(isLower, x, a.scalar(0.5)))
  let logAt = logX.map { select(isLower, $0, a.scalar(0)) } ?? log(at)
  // 1 + x/(a+1) (1 + x/(a+2) (1 + ...)), the last factors r (1 - 1/a), r (1 - 2/a), ... to first order in 1/a.
  let ratio = minimum(at / (one + 12), 0.99)
  let rest = 1 / (1 - ratio)
  var series = rest - ratio * ratio * rest * rest * rest / (one + 12)
  for n in stride(from: 11, through: 1, by: -1) { series = 1 + at / (one + Double(n)) * series }
  let leading = one * logAt - at - lgamma(one + 1) + log(maximum(series, 1))
  let isTiny = isLower .& (leading < leastLogarithm(leading.dtype))
  let (b, y) = (select(isTiny, a.scalar(1), a), select(isTiny, a.scalar(1), x))
  return select(isTiny, leading, logProbability(igamma(b, y), complement: igammac(b, y)))
}

/// log Q(a, x), also where Q underflows: there from the first levels of its continued fraction (DLMF 8.9.2).
func logIgammac(_ a: Tensor, _ x: Tensor) -> Tensor {
  let isUpper = (x > a + 1) .& (x < .infinity)
  let (b, at) = (select(isUpper, a, a.scalar(1)), select(isUpper, x, a.scalar(2)))
  let inner = at + 5 - b + 3 * (b - 3) / (at + 7 - b)
  let fraction = at + 1 - b + (b - 1) / (at + 3 - b + 2 * (b - 2) / inner)
  let leading = b * log(at) - at - lgamma(b) - log(fraction)
  let isTiny = isUpper .& (leading < leastLogarithm(leading.dtype))
  let (c, y) = (select(isTiny, a.scalar(1), a), select(isTiny, a.scalar(1), x))
  return select(isTiny, leading, logProbability(igammac(c, y), complement: igamma(c, y)))
}

/// log I_x(a, b) of the regularised incomplete beta function, given its value and its complement's, also where it
/// underflows: there from the leading terms of its series (DLMF 8.17.8 with 15.8.1), to about 1e-9,
///
///     I_x(a, b) = x^a y^(b-1) / (a B(a, b)) (1 + r_0 (1 + r_1 (1 + ...))),  r_j = (b - 1 - j) / (a + 1 + j) x / y
///
/// - Parameters:
///   - logX: log(x), also where x underflows.
///   - logY: log(y) for y = 1 - x.
func logBetainc(
  _ value: Tensor, complement: Tensor, _ a: Tensor, _ b: Tensor, logX: Tensor, logY: Tensor
) -> Tensor {
  let isTiny = (value < smallestForLogarithms(value.dtype)) .& (logX > -.infinity)
  func safe(_ t: Tensor, _ other: Double) -> Tensor { select(isTiny, t, t.scalar(other)) }
  let (p, q, logAt, logRest) = (safe(a, 1), safe(b, 1), safe(logX, -1), safe(logY, -1))
  let odds = exp(logAt - logRest)
  func ratio(_ j: Double) -> Tensor { (q - (1 + j)) / (p + (1 + j)) * odds }
  // The last factors are all alike.
  var series = 1 / (1 - minimum(ratio(12), 0.99))
  for j in stride(from: 11.0, through: 0, by: -1) { series = 1 + ratio(j) * series }
  let leading = p * logAt + (q - 1) * logRest - log(p) - lbeta(p, q) + log(maximum(series, 0.01))
  return select(
    isTiny, leading, logProbability(select(isTiny, value.scalar(0.5), value), complement: complement))
}

/// I_x(a, b) and its complement, each without cancellation; x itself is exact, 1 - x need not be.
func betaShares(_ a: Tensor, _ b: Tensor, _ x: Tensor) -> (lower: Tensor, upper: Tensor) {
  let lower = betainc(a, b, x)
  let isSmall = lower < 0.99
  func safe(_ t: Tensor, _ other: Double) -> Tensor { select(isSmall, t.scalar(other), t) }
  // Not seen where it is not used: the density at the other end may be infinite.
  return (lower, select(isSmall, 1 - lower, betainc(safe(b, 1), safe(a, 1), safe(1 - x, 0.5))))
}

/// I_x(a, b) and its complement for x + y = 1, both as exact as they can be given. That of x and y which is near 1 has
/// lost what tells it from 1, so the other one is used where that costs no digits.
func betaShares(_ a: Tensor, _ b: Tensor, _ x: Tensor, _ y: Tensor) -> (lower: Tensor, upper: Tensor) {
  let (lower, upper) = (betainc(a, b, x), betainc(b, a, y))
  let isSmall = x < y
  return (
    select(.!isSmall .& (upper < 0.9), 1 - upper, lower), select(isSmall .& (lower < 0.9), 1 - lower, upper)
  )
}

/// The bound below which numbers have lost digits, or will when they are multiplied.
func smallestForLogarithms(_ dtype: DType) -> Double { dtype == .float64 ? 1e-290 : 1e-30 }
/// Its logarithm.
private func leastLogarithm(_ dtype: DType) -> Double { dtype == .float64 ? -667 : -69 }
