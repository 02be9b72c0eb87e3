import RealModule

/// A number as the sum of two, the second at most half a unit in the last place of the first (Dekker 1971, "A
/// floating-point technique for extending the available precision").
///
/// The exponential multiplies the relative error of an exponent by its size; from a pair it keeps its digits.
struct NumberPair {
  var high: Double
  var low = 0.0

  init(_ number: Double) { high = number }
  private init(_ high: Double, _ low: Double) {
    self.high = high + low
    self.low = low - (self.high - high)
  }

  /// a + b, nothing lost.
  init(sum a: Double, _ b: Double) {
    high = a + b
    let part = high - a
    low = (a - (high - part)) + (b - part)
  }

  static func + (a: NumberPair, b: NumberPair) -> NumberPair {
    let sum = NumberPair(sum: a.high, b.high)
    return NumberPair(sum.high, sum.low + (a.low + b.low))
  }
  static prefix func - (a: NumberPair) -> NumberPair { NumberPair(-a.high, -a.low) }
  static func * (a: NumberPair, b: NumberPair) -> NumberPair {
    let product = a.high * b.high
    return NumberPair(product, (-product).addingProduct(a.high, b.high) + (a.high * b.low + a.low * b.high))
  }
  static func * (a: NumberPair, b: Double) -> NumberPair { a * NumberPair(b) }
  static func / (a: NumberPair, b: NumberPair) -> NumberPair {
    let quotient = a.high / b.high
    let rest = a.high.addingProduct(-quotient, b.high)
    return NumberPair(quotient, (rest + (a.low - quotient * b.low)) / b.high)
  }
  static func / (a: NumberPair, b: Double) -> NumberPair { a / NumberPair(b) }

  /// The natural logarithm of a positive number: with x = 2^e m and s = (m - 1) / (m + 1), log(m) is
  /// 2 s (1 + s^2/3 + s^4/5 + ...).
  var log: NumberPair {
    var (e, m) = (Double(high.exponent), high.significand)
    if m > 2.0.squareRoot() { (e, m) = (e + 1, 0.5 * m) }
    let s = NumberPair(m - 1) / NumberPair(sum: m, 1)
    let square = s * s
    var sum = NumberPair(0)
    for k in stride(from: 25, through: 0, by: -1) { sum = sum * square + NumberPair(1) / Double(2 * k + 1) }
    let ln2 = NumberPair(0.6931471805599453, 2.319046813846299558e-17)
    return ln2 * e + s * sum * 2 + NumberPair(low / high)
  }

  /// e to the power of the number.
  var exp: Double {
    let power = Double.exp(high)
    return power + power * low
  }
}
