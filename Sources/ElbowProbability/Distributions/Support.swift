import ElbowArrays
import ElbowGraph

// What several distributions are written with.

extension Distribution {
  /// Uniform numbers in [0, 1) of the parameters' dtype.
  func uniform(_ shape: Shape) -> Tensor { graph.randomUniform(shape, dtype: traits.parameterDType) }
}

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

/// log P(a, x) of the regularised incomplete gamma function, also where P underflows: there from the leading terms of
/// its series, to about 1e-9.
func logIgamma(_ a: Tensor, _ x: Tensor) -> Tensor {
  let lower = igamma(a, x)
  let isTiny = lower < smallestForLogarithms(lower.dtype)
  let (one, at) = (select(isTiny, a, a.scalar(1)), select(isTiny, x, a.scalar(0.5)))
  // 1 + x/(a+1) (1 + x/(a+2) (1 + ...)), the last factors all alike.
  var series = 1 / (1 - minimum(at / (one + 8), 0.99))
  for n in stride(from: 7, through: 1, by: -1) { series = 1 + at / (one + Double(n)) * series }
  let leading = xlogy(one, at) - at - lgamma(one + 1) + log(series)
  let usual = logProbability(select(isTiny, a.scalar(0.5), lower), complement: igammac(a, x))
  return select(isTiny, leading, usual)
}

/// log Q(a, x), also where Q underflows: there from the first levels of its continued fraction.
func logIgammac(_ a: Tensor, _ x: Tensor) -> Tensor {
  let upper = igammac(a, x)
  let isTiny = (upper < smallestForLogarithms(upper.dtype)) .& (x < .infinity)
  let (b, at) = (select(isTiny, a, a.scalar(1)), select(isTiny, x, a.scalar(2)))
  let inner = at + 5 - b + 3 * (b - 3) / (at + 7 - b)
  let fraction = at + 1 - b + (b - 1) / (at + 3 - b + 2 * (b - 2) / inner)
  let leading = b * log(at) - at - lgamma(b) - log(fraction)
  let usual = logProbability(select(isTiny, a.scalar(0.5), upper), complement: igamma(a, x))
  return select(isTiny, leading, select(x < .infinity, usual, log(upper)))
}

/// log I_x(a, b) of the regularised incomplete beta function for y = 1 - x, given its value and its complement's, also
/// where it underflows: there from the leading terms of its continued fraction.
func logBetainc(
  _ value: Tensor, complement: Tensor, _ a: Tensor, _ b: Tensor, _ x: Tensor, _ y: Tensor
) -> Tensor {
  let isTiny = (value < smallestForLogarithms(value.dtype)) .& (x > 0)
  func safe(_ t: Tensor, _ other: Double) -> Tensor { select(isTiny, t, t.scalar(other)) }
  let (p, q, at, rest) = (safe(a, 1), safe(b, 1), safe(x, 0.5), safe(y, 0.5))
  let leading =
    p * log(at) + q * log(rest) - log(p) - lbeta(p, q) - log1p(-minimum((p + q) * at / (p + 1), 0.99))
  return select(
    isTiny, leading, logProbability(select(isTiny, value.scalar(0.5), value), complement: complement))
}

/// I_x(a, b) and its complement, each without cancellation; x itself is exact, 1 - x need not be.
func betaShares(_ a: Tensor, _ b: Tensor, _ x: Tensor) -> (lower: Tensor, upper: Tensor) {
  let lower = betainc(a, b, x)
  return (lower, select(lower < 0.99, 1 - lower, betainc(b, a, 1 - x)))
}

/// What is below this has lost digits, or will when it is multiplied.
private func smallestForLogarithms(_ dtype: DType) -> Double { dtype == .float64 ? 1e-290 : 1e-30 }

/// log(1 + w^2), whose square must not overflow.
func logOnePlusSquare(_ w: Tensor) -> Tensor {
  let isLarge = abs(w) > 1e8
  let (small, large) = (select(isLarge, w.zerosLike(), w), select(isLarge, abs(w), w.onesLike()))
  return select(isLarge, 2 * log(large), log1p(small * small))
}

/// The log density of the standard logistic distribution, -|z| - 2 log(1 + exp(-|z|)).
func standardLogisticLogProb(_ z: Tensor) -> Tensor { -z - 2 * softplus(-z) }

/// log(ndtr(b) - ndtr(a)) for a <= b: from the nearer tail, or by the error function if zero is between.
func logNormalInterval(_ a: Tensor, _ b: Tensor) -> Tensor {
  let isUpper = a > 0
  let isBetween = (a <= 0) .& (b >= 0)
  // In the upper half by reflection: then both are below zero.
  let low = select(isBetween, a.scalar(-2), select(isUpper, -b, a))
  let high = select(isBetween, a.scalar(-1), select(isUpper, -a, b))
  let (logLow, logHigh) = (logNdtr(low), logNdtr(high))
  let outer = logHigh + log1mexp(minimum(logLow - logHigh, 0))
  let (left, right) = (select(isBetween, a, a.scalar(-1)), select(isBetween, b, b.scalar(1)))
  let inner = log(0.5 * (erf(right * 0.5.squareRoot()) - erf(left * 0.5.squareRoot())))
  return select(isBetween, inner, outer)
}

extension Double {
  /// -digamma(1).
  static let eulerGamma = 0.577215664901532860606512090082402431042159335939923598805
}
