import Foundation
import RealModule

/// The gamma function's relatives in double, one number at a time: what compiled code is compared with.
enum GammaReference {
  /// B_2, B_4, ...
  static let bernoulli: [Double] = [
    1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510, 43867.0 / 798,
    -174611.0 / 330,
  ]

  static func digamma(_ x: Double) -> Double {
    if x <= 0 {
      if x == x.rounded() { return .nan }
      let distance = x - x.rounded()
      return digamma(1 - x) - .pi / Double.tan(.pi * distance)
    }
    var (z, sum) = (x, 0.0)
    while z < 20 {
      sum += 1 / z
      z += 1
    }
    var series = 0.0
    for (k, b) in bernoulli.enumerated().reversed() { series += b / Double(2 * k + 2) / Double.pow(z, 2 * k + 2) }
    return Double.log(z) - 0.5 / z - series - sum
  }

  static func polygamma(_ order: Int, _ x: Double) -> Double {
    let sign: Double = order % 2 == 1 ? 1 : -1
    if x < 0 && order == 1 {
      let sine = Double.sin(.pi * (x - x.rounded()))
      return .pi * .pi / (sine * sine) - polygamma(1, 1 - x)
    }
    guard x > 0 else { return x == 0 ? sign * .infinity : .nan }
    guard x < .infinity else { return 0 }
    var (z, sum) = (x, 0.0)
    while z < Double(20 + order) {
      sum += Double.pow(z, -order - 1)
      z += 1
    }
    var tail = 1 / Double(order) + 0.5 / z
    var ratio = 0.5 * Double(order + 1)
    for (k, b) in bernoulli.enumerated() {
      let n = Double(2 * k + 2)
      tail += b * ratio * Double.pow(z, -2 * k - 2)
      ratio *= (n + Double(order)) * (n + Double(order) + 1) / ((n + 1) * (n + 2))
    }
    let factorial = (1...order).reduce(1) { $0 * Double($1) }
    return sign * factorial * (sum + Double.pow(z, -order) * tail)
  }

  /// log gamma(x) less Stirling's (x - 1/2) log x - x + log(2 pi) / 2.
  static func stirlingError(_ x: Double) -> Double {
    guard x >= 20 else { return Double.logGamma(x) - ((x - 0.5) * Double.log(x) - x + 0.5 * Double.log2Pi) }
    var sum = 0.0
    for (k, b) in bernoulli.enumerated().reversed() {
      let n = 2 * k + 2
      sum += b / Double(n * (n - 1)) / Double.pow(x, n - 1)
    }
    return sum
  }

  /// 1 / gamma(x + 1); from 20 on (x/e)^x / gamma(x + 1), of which Stirling's series is left.
  static func inverseFactorial(_ x: Double) -> Double {
    guard x < 20 else { return Double.exp(-stirlingError(x)) / (2 * .pi * x).squareRoot() }
    return 1 / (x < 0.5 ? Double.gamma(1 + x) : x * Double.gamma(x))
  }

  /// x^a e^-x / gamma(a + 1).
  static func front(_ a: Double, _ x: Double) -> Double {
    let scale = a < 20 ? 1 : a
    guard a * Double.log(x / scale) + (a < 20 ? 0 : a) - x > -800 else { return 0 }
    let distance = NumberPair(sum: a < 20 ? 0 : a, -x)
    return ((NumberPair(x) / scale).log * a + distance).exp * inverseFactorial(a)
  }

  /// sum_n x^n / ((a+1) ... (a+n)), and its derivative by a.
  static func series(_ a: Double, _ x: Double) -> (sum: Double, byA: Double) {
    var (sum, slope, term, harmonic, n) = (1.0, 0.0, 1.0, 0.0, 0.0)
    repeat {
      n += 1
      term *= x / (a + n)
      harmonic += 1 / (a + n)
      sum += term
      slope -= term * harmonic
    } while term * harmonic > 1e-18 * abs(slope) && n < 1e6
    return (sum, slope)
  }

  /// The h with Q(a, x) gamma(a) = x^a e^-x h, and its derivative by a: the continued fraction
  /// 1/(x+1-a - 1(1-a)/(x+3-a - ...)) from the inside out, twice as far until it does not change.
  static func fraction(_ a: Double, _ x: Double) -> (h: Double, byA: Double) {
    func evaluate(_ count: Int) -> (Double, Double) {
      // The value of b_n + a_(n+1) / (b_(n+1) + ...), and its derivative.
      var (value, slope) = (x + 1 - a + 2 * Double(count), -1.0)
      for index in stride(from: count, to: 0, by: -1) {
        let n = Double(index)
        let top = n * (a - n)
        let inner = top / value
        slope = -1 + (n - inner * slope) / value
        value = x - 1 - a + 2 * n + inner
      }
      return (1 / value, -slope / (value * value))
    }
    var (count, last) = (64, evaluate(32))
    while count < 1_000_000 {
      let next = evaluate(count)
      if abs(next.0 - last.0) <= 1e-16 * abs(next.0) && abs(next.1 - last.1) <= 1e-15 * abs(next.1) { return next }
      (count, last) = (2 * count, next)
    }
    return last
  }

  private static func isSeries(_ a: Double, _ x: Double) -> Bool { x < a || x <= 1.1 }

  /// P(a, x) and Q(a, x).
  static func incomplete(_ a: Double, _ x: Double) -> (lower: Double, upper: Double) {
    guard a >= 0, x >= 0, !(a == 0 && x == 0), !(a == .infinity && x == .infinity) else { return (.nan, .nan) }
    if a == 0 || x == .infinity { return (1, 0) }
    if x == 0 || a == .infinity { return (0, 1) }
    if isSeries(a, x) {
      let lower = front(a, x) * series(a, x).sum
      guard a < 1 && x <= 1.1 else { return (lower, 1 - lower) }
      // 1 - x^a / gamma(a+1) (1 + a sum_n (-x)^n / (n! (a+n))), the small difference first.
      var (term, sum) = (1.0, 0.0)
      for n in 1..<30 {
        term *= -x / Double(n)
        sum += term / (a + Double(n))
      }
      let power = a * Double.log(x) - Double.logGamma(1 + a)
      return (lower, -Double.expMinusOne(power) - Double.exp(power) * a * sum)
    }
    let upper = front(a, x) * a * fraction(a, x).h
    return (1 - upper, upper)
  }

  /// The x with P(a, x) = p and Q(a, x) = q, by bisection of log x for the smaller of the two.
  static func quantile(_ a: Double, _ p: Double, _ q: Double) -> Double {
    guard a > 0, p >= 0, q >= 0 else { return .nan }
    if p == 0 { return 0 }
    if q == 0 { return .infinity }
    // x^a / gamma(a + 1) is at least P.
    var low = (Double.log(p) + Double.logGamma(1 + a)) / a
    if low < -745 { return 0 }
    var high = max(low, Double.log(a + 1)) + 1
    func isBelow(_ t: Double) -> Bool {
      let (lower, upper) = incomplete(a, Double.exp(t))
      return p < q ? lower < p : upper > q
    }
    while isBelow(high) { high += 1 }
    for _ in 0..<100 {
      let middle = 0.5 * (low + high)
      if isBelow(middle) { low = middle } else { high = middle }
    }
    // Rounding the logarithm moves x by its size: a step in x itself puts that right.
    let x = Double.exp(high)
    let (lower, upper) = incomplete(a, x)
    let step = (p < q ? p - lower : upper - q) / (a * front(a, x))
    return abs(step) < 1e-6 ? x + x * step : x
  }

  /// log(x) - digamma(a + 1), for large a by the ratio of x to a and what digamma(a + 1) is above log(a).
  private static func logAboveDigamma(_ a: Double, _ x: Double) -> Double {
    guard a >= 20 else { return Double.log(x) - digamma(a + 1) }
    let series = bernoulli.enumerated().reduce(0) {
      $0 + $1.element / Double(2 * $1.offset + 2) / Double.pow(a, 2 * $1.offset + 2)
    }
    return (NumberPair(x) / a).log.high - (0.5 / a - series)
  }

  /// dx/da along P(a, x) = constant.
  static func shapeGradient(_ a: Double, _ x: Double) -> Double {
    guard a > 0, a < .infinity, x >= 0, x < .infinity else { return .nan }
    if x == 0 { return 0 }
    if isSeries(a, x) {
      let (sum, slope) = series(a, x)
      return -(x / a) * (sum * logAboveDigamma(a, x) + slope)
    }
    let (h, slope) = fraction(a, x)
    return x * (h * (logAboveDigamma(a, x) + 1 / a) + slope)
  }
}
