import ElbowArrays

/// The standard normal distribution's cdf, erfc(-x / sqrt(2)) / 2.
public func ndtr(_ x: Tensor) -> Tensor { elementwise(Ndtr(), x) }

/// The logarithm of the standard normal distribution's cdf, accurate in both tails.
///
/// Above zero it is log1p of the other tail; further down the logarithm of ``ndtr(_:)``; and before that underflows the
/// asymptotic series (Abramowitz and Stegun 26.2.12)
///
///     log(exp(-x^2 / 2) / (-x sqrt(2 pi))) + log(1 - 1/x^2 + 3/x^4 - 15/x^6 + ...)
public func logNdtr(_ x: Tensor) -> Tensor {
  x.graph.located {
    let lower = x.dtype == .float64 ? -20.0 : -10.0
    // Each branch sees only operands that suit it, so that no gradient is zero times infinity.
    let isFar = x < lower
    let isUpper = x > 0
    let far = select(isFar, x, x.scalar(lower).broadcast(to: x.shape))
    let middle = select(isFar .| isUpper, x.zerosLike(), x)
    let upper = maximum(x, 0)
    // (-1)^n (2n - 1)!! for n = 0, 1, ...
    let series = polynomial(
      1 / (far * far), [1, -1, 3, -15, 105, -945, 10_395, -135_135, 2_027_025, -34_459_425, 654_729_075])
    let farValue = -0.5 * far * far - log(-far) - 0.5 * Double.log2Pi + log(series)
    return select(isFar, farValue, select(isUpper, log1p(-ndtr(-upper)), log(ndtr(middle))))
  }
}

/// The standard normal distribution's quantile: the inverse of ``ndtr(_:)``. NaN outside [0, 1].
///
/// Algorithm AS 241, PPND16 (Wichura 1988, "The percentage points of the normal distribution", Applied Statistics 37),
/// whose relative accuracy is about 1e-16.
public func ndtri(_ p: Tensor) -> Tensor {
  p.graph.located {
    let isInside = (p > 0) .& (p < 1)
    let safe = select(isInside, p, p.onesLike() * 0.5)
    let inside = normalQuantile(fromMedian: safe - 0.5, tail: minimum(safe, 1 - safe))
    let edge = select(p .== 0, p.scalar(-.infinity), select(p .== 1, p.scalar(.infinity), p.scalar(.nan)))
    return select(isInside, inside, edge)
  }
}

/// The inverse of the error function, exact near zero. NaN outside [-1, 1].
///
/// ``ndtri(_:)`` of (1 + x) / 2 over sqrt(2), without adding the 1.
public func erfinv(_ x: Tensor) -> Tensor {
  x.graph.located {
    let isInside = abs(x) < 1
    let safe = select(isInside, x, x.zerosLike())
    let inside = normalQuantile(fromMedian: 0.5 * safe, tail: 0.5 * (1 - abs(safe))) * 0.5.squareRoot()
    let edge = select(x .== 1, x.scalar(.infinity), select(x .== -1, x.scalar(-.infinity), x.scalar(.nan)))
    return select(isInside, inside, edge)
  }
}

/// The standard normal distribution's quantile at 1/2 + q, given also the probability of the smaller tail.
func normalQuantile(fromMedian q: Tensor, tail smaller: Tensor) -> Tensor {
  let isCentral = abs(q) <= 0.425
  let central = select(isCentral, q, q.zerosLike())
  let s = 0.180625 - central * central
  let centralValue = central * polynomial(s, AS241.centralNumerator) / polynomial(s, AS241.centralDenominator)

  let tail = select(isCentral, q.onesLike() * 0.01, smaller)
  let r = sqrt(-log(tail))
  let isNear = r <= 5
  let near = select(isNear, r, r.onesLike() * 5) - 1.6
  let far = select(isNear, r.onesLike() * 5, r) - 5
  let tailValue = select(
    isNear, polynomial(near, AS241.nearNumerator) / polynomial(near, AS241.nearDenominator),
    polynomial(far, AS241.farNumerator) / polynomial(far, AS241.farDenominator))
  return select(isCentral, centralValue, select(q < 0, -tailValue, tailValue))
}

/// The sum of `coefficients[i] * x^i`, by Horner's rule.
public func polynomial(_ x: Tensor, _ coefficients: [Double]) -> Tensor {
  x.graph.located {
    guard let last = coefficients.last else { return x.zerosLike() }
    var sum = x.scalar(last).broadcast(to: x.shape)
    for coefficient in coefficients.dropLast().reversed() { sum = sum * x + coefficient }
    return sum
  }
}

extension Double {
  /// log(2 pi).
  public static let log2Pi = 1.837877066409345483560659472811235279722794947275566825634
}

/// The coefficients of AS 241, PPND16, lowest power first.
private enum AS241 {
  static let centralNumerator = [
    3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
    4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
  ]
  static let centralDenominator = [
    1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
    3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
  ]
  static let nearNumerator = [
    1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
    1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
  ]
  static let nearDenominator = [
    1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
    1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
  ]
  static let farNumerator = [
    6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ]
  static let farDenominator = [
    1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
    7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
  ]
}
