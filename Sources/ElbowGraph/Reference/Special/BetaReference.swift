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

  /// x^a y^b / B(a, b) for y = 1 - x, where the smaller of x and y counts.
  ///
  /// The powers of Stirling's formulas, from 20 on, are put together with x^a and y^b.
  static func front(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
    let n = NumberPair(sum: a, b)
    let isLarge = n.high >= 20
    /// The exponent of z^p, with what Stirling's formulas have of that power.
    func exponent(_ p: Double, _ z: NumberPair) -> NumberPair {
      let power = (isLarge ? z * n : z) / (p < 20 ? 1 : p)
      return power.log * p + NumberPair(isLarge && p < 20 ? -p : 0)
    }
    let sum =
      x > y
      ? exponent(a, NumberPair(sum: 1, -y)) + exponent(b, NumberPair(y))
      : exponent(a, NumberPair(x)) + exponent(b, NumberPair(sum: 1, -x))
    guard sum.high > -800 else { return 0 }
    // The part that a + b lost moves gamma(a + b) by digamma times that.
    let lost = isLarge ? 0 : n.low * GammaReference.digamma(n.high)
    let factorials = GammaReference.inverseFactorial(a) * GammaReference.inverseFactorial(b)
    return (sum + NumberPair(lost)).exp * (a / n.high * b) * factorials / GammaReference.inverseFactorial(n.high)
  }

  /// The f with I_x(a, b) = x^a y^b / (B(a, b) f), and its derivatives by a and b: the even part
  /// beta_0 + alpha_1 / (beta_1 + ...) of the continued fraction DLMF 8.17.22 (Didonato and Morris 1992), from the
  /// inside out, twice as far until it does not change.
  static func fraction(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> (f: Double, byA: Double, byB: Double) {
    // a y - b x, from the smaller of x and y.
    let n = NumberPair(sum: a, b)
    let distance = (x <= y ? NumberPair(a) + -(n * x) : NumberPair(-b) + n * y).high
    func beta(_ m: Double) -> (value: Double, byA: Double, byB: Double) {
      let (s, t) = (a + 2 * m - 1, a + 2 * m + 1)
      let outer = (distance + 1 + m * (1 + y)) / t
      let second = (value: (a + m) * outer, byA: outer + (a + m) * (y - outer) / t, byB: -(a + m) * x / t)
      if m == 0 { return second }
      let inner = (a + m - 1 + m * y + b * x) / s
      return (m * inner + second.value, m * (1 - inner) / s + second.byA, m * x / s + second.byB)
    }
    func evaluate(_ count: Int) -> (f: Double, byA: Double, byB: Double) {
      var (f, byA, byB) = beta(Double(count))
      for index in stride(from: count, to: 0, by: -1) {
        let m = Double(index)
        let (top, total, s) = (a + m - 1, a + b + m - 1, a + 2 * m - 1)
        let share = m * top * (x / s) * (x / s)
        let alpha = share * total * (b - m)
        let alphaByA = share * (b - m) * (1 + total / top - 2 * total / s)
        let outside = beta(m - 1)
        byA = outside.byA + (alphaByA - alpha / f * byA) / f
        byB = outside.byB + (share * (a + 2 * b - 1) - alpha / f * byB) / f
        f = outside.value + alpha / f
      }
      return (f, byA, byB)
    }
    func close(_ x: Double, _ y: Double, _ tolerance: Double) -> Bool { abs(x - y) <= tolerance * abs(y) + 1e-300 }
    var (count, last) = (64, evaluate(32))
    while count < 1_000_000 {
      let next = evaluate(count)
      if close(last.f, next.f, 1e-16), close(last.byA, next.byA, 1e-14), close(last.byB, next.byB, 1e-14) {
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
    func value(_ x: Double, _ rest: Double) -> Double {
      x > (first + 1) / (first + second + 2)
        ? 1 - below(second, first, rest, x).value : below(first, second, x, rest).value
    }
    func isBelow(_ t: Double) -> Bool {
      let (x, rest) = (1 / (1 + Double.exp(-t)), 1 / (1 + Double.exp(t)))
      if x == 0 { return true }
      if rest == 0 { return false }
      return value(x, rest) < target
    }
    while isBelow(high) && high < 1e6 { high += max(1, abs(high)) }
    for _ in 0..<120 {
      let middle = 0.5 * (low + high)
      if isBelow(middle) { low = middle } else { high = middle }
    }
    // Rounding the logarithm moves x by its size: a step in x itself puts that right.
    let (x, rest) = (1 / (1 + Double.exp(-high)), 1 / (1 + Double.exp(high)))
    let step = x * rest * (target - value(x, rest)) / front(first, second, x, rest)
    let isStep = abs(step) < 1e-6 * min(x, rest)
    return isUpper ? (isStep ? rest - step : rest) : (isStep ? x + step : x)
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
    let (f, byA, byB) = fraction(a, b, x, y)
    let value = front(a, b, x, y) / f
    let psi = GammaReference.digamma(a + b)
    let (logX, logY) = x > y ? (Double.log(onePlus: -y), Double.log(y)) : (Double.log(x), Double.log(onePlus: -x))
    return (
      value, value * (logX - GammaReference.digamma(a) + psi - byA / f),
      value * (logY - GammaReference.digamma(b) + psi - byB / f)
    )
  }
}
