import RealModule

/// The beta functions in double, one number at a time: what compiled code is compared with.
enum BetaReference {
  static func logBeta(_ a: Double, _ b: Double) -> Double {
    guard a >= 0, b >= 0 else { return .nan }
    if a == 0 || b == 0 { return .infinity }
    guard a < .infinity && b < .infinity else { return -.infinity }
    let (low, high) = (min(a, b), max(a, b))
    guard high >= 20 else { return Double.logGamma(a) + Double.logGamma(b) - Double.logGamma(a + b) }
    // log gamma(high) - log gamma(low + high), large parts cancelled.
    let total = low + high
    let difference =
      -(high - 0.5) * Double.log(onePlus: low / high) - low * Double.log(total) + low
      + GammaReference.stirlingError(high) - GammaReference.stirlingError(total)
    guard low >= 20 else { return Double.logGamma(low) + difference }
    return low * Double.log(low / total) - (high - 0.5) * Double.log(onePlus: low / high) - 0.5 * Double.log(low)
      + 0.5 * Double.log2Pi + GammaReference.stirlingError(low) + GammaReference.stirlingError(high)
      - GammaReference.stirlingError(total)
  }

  /// x^a y^b / B(a, b) for y = 1 - x.
  static func front(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
    guard a >= 10 && b >= 10 else {
      let (logX, logY) =
        x > y ? (Double.log(onePlus: -y), Double.log(y)) : (Double.log(x), Double.log(onePlus: -x))
      return Double.exp(a * logX + b * logY - logBeta(a, b))
    }
    let (n, distance) = (a + b, x * b - y * a)
    let exponent =
      a * GammaReference.deviation(distance / a, x * n / a) + b * GammaReference.deviation(-distance / b, y * n / b)
    let correction =
      GammaReference.stirlingError(a) + GammaReference.stirlingError(b) - GammaReference.stirlingError(n)
    return Double.exp(exponent - correction) * (a / n * b / (2 * .pi)).squareRoot()
  }

  /// The continued fraction 1/(1 + d_1/(1 + d_2/(1 + ...))) of DLMF 8.17.22 and its derivatives by a and b, from the
  /// inside out, twice as far until it does not change.
  static func fraction(_ a: Double, _ b: Double, _ x: Double) -> (h: Double, byA: Double, byB: Double) {
    func evaluate(_ count: Int) -> (h: Double, byA: Double, byB: Double) {
      var (value, slopeA, slopeB) = (1.0, 0.0, 0.0)
      for index in stride(from: count, to: 0, by: -1) {
        let m = Double(index / 2)
        let (d, dA, dB): (Double, Double, Double)
        if index % 2 == 1 {
          let (p, q, r, s) = (a + m, a + b + m, a + 2 * m, a + 2 * m + 1)
          d = -p * q * x / (r * s)
          (dA, dB) = (d * (1 / p + 1 / q - 1 / r - 1 / s), d / q)
        } else {
          let (r, s) = (a + 2 * m - 1, a + 2 * m)
          d = m * (b - m) * x / (r * s)
          (dA, dB) = (-d * (1 / r + 1 / s), m * x / (r * s))
        }
        // 1 + d / value
        (slopeA, slopeB) = ((dA - d / value * slopeA) / value, (dB - d / value * slopeB) / value)
        value = 1 + d / value
      }
      return (1 / value, -slopeA / (value * value), -slopeB / (value * value))
    }
    func close(_ x: Double, _ y: Double, _ tolerance: Double) -> Bool { abs(x - y) <= tolerance * abs(y) + 1e-300 }
    var (count, last) = (64, evaluate(32))
    while count < 1_000_000 {
      let next = evaluate(count)
      if close(last.h, next.h, 1e-16), close(last.byA, next.byA, 1e-14), close(last.byB, next.byB, 1e-14) {
        return next
      }
      (count, last) = (2 * count, next)
    }
    return last
  }

  /// The x with I_x(a, b) = p, by bisection of log(x / (1 - x)) from the end that is nearer in probability.
  static func quantile(_ a: Double, _ b: Double, _ p: Double) -> Double {
    guard a > 0, b > 0, a < .infinity, b < .infinity, p >= 0, p <= 1 else { return .nan }
    if p == 0 || p == 1 { return p }
    let isUpper = p > 0.5
    let (first, second, target) = isUpper ? (b, a, 1 - p) : (a, b, p)
    var low = (Double.log(target) + Double.log(first) + logBeta(first, second)) / first
    var high = max(low, 0) + 1
    func isBelow(_ t: Double) -> Bool {
      let (x, rest) = (1 / (1 + Double.exp(-t)), 1 / (1 + Double.exp(t)))
      if x == 0 { return true }
      if rest == 0 { return false }
      let value =
        x > (first + 1) / (first + second + 2)
        ? 1 - below(second, first, rest, x).value : below(first, second, x, rest).value
      return value < target
    }
    while isBelow(high) && high < 1e6 { high += max(1, abs(high)) }
    for _ in 0..<120 {
      let middle = 0.5 * (low + high)
      if isBelow(middle) { low = middle } else { high = middle }
    }
    return 1 / (1 + Double.exp(isUpper ? high : -high))
  }

  /// I_x(a, b) and its derivatives by a and b.
  static func incomplete(_ a: Double, _ b: Double, _ x: Double) -> (value: Double, byA: Double, byB: Double) {
    guard a > 0, b > 0, a < .infinity, b < .infinity, x >= 0, x <= 1 else { return (.nan, .nan, .nan) }
    if x == 0 || x == 1 { return (x, 0, 0) }
    if x > (a + 1) / (a + b + 2) {
      let turned = below(b, a, 1 - x, x)
      return (1 - turned.value, -turned.byB, -turned.byA)
    }
    return below(a, b, x, 1 - x)
  }

  private static func below(
    _ a: Double, _ b: Double, _ x: Double, _ y: Double
  ) -> (value: Double, byA: Double, byB: Double) {
    let front = front(a, b, x, y)
    let (h, hA, hB) = fraction(a, b, x)
    let value = front * h / a
    let psi = GammaReference.digamma(a + b)
    let (logX, logY) = x > y ? (Double.log(onePlus: -y), Double.log(y)) : (Double.log(x), Double.log(onePlus: -x))
    return (
      value, value * (logX - GammaReference.digamma(a) + psi) + front * (hA - h / a) / a,
      value * (logY - GammaReference.digamma(b) + psi) + front * hB / a
    )
  }
}
