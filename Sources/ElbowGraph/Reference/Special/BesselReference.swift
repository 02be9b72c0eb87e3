import RealModule

/// Modified Bessel functions in double.
enum BesselReference {
  /// exp(-|x|) I_order(x) for the orders 0 and 1: the power series, or from 40 on the asymptotic one (DLMF 10.40.1).
  static func scaledI(_ order: Int, _ x: Double) -> Double {
    let a = abs(x)
    let sign: Double = order == 1 && x < 0 ? -1 : 1
    if a > 40 {
      var (sum, term) = (1.0, 1.0)
      for k in 1...20 {
        let odd = Double(2 * k - 1)
        term *= -(Double(4 * order * order) - odd * odd) / (Double(8 * k) * a)
        sum += term
      }
      return sign * sum / (2 * .pi * a).squareRoot()
    }
    var (sum, term, k) = (0.0, Double.pow(0.5 * a, order), 1.0)
    while term > 1e-18 * sum && k < 500 {
      sum += term
      term *= 0.25 * a * a / (k * (k + Double(order)))
      k += 1
    }
    return a.isNaN ? x : sign * Double.exp(-a) * sum
  }
}
