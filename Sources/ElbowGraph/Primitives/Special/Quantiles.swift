import ElbowArrays

/// The x with P(a, x) = p, the inverse of ``IncompleteGamma`` in its second operand; not a number unless a > 0 and
/// 0 <= p <= 1. Newton's method for log P over log x. Within 0.6 units in the last place in float32 and, in compiled code,
/// 20 in float64 (`docs/special-functions.md`).
public struct IncompleteGammaInverse: FloatFunction, PlainPrimitive {
  public static let name = "igammainv"
  static let operandCount = 2
  public init() {}

  func reference(_ x: [Double]) -> Double { GammaReference.quantile(x[0], x[1], 1 - x[1]) }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] {
    [randomGammaGrad(x[0], y), 1 / gammaDensity(x[0], y)]
  }
  static let sampleRange = 0.2...0.8
}

/// The x with Q(a, x) = q, the inverse of ``IncompleteGammaComplement``; see ``IncompleteGammaInverse``.
public struct IncompleteGammaComplementInverse: FloatFunction, PlainPrimitive {
  public static let name = "igammacinv"
  static let operandCount = 2
  public init() {}

  func reference(_ x: [Double]) -> Double { GammaReference.quantile(x[0], 1 - x[1], x[1]) }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] {
    [randomGammaGrad(x[0], y), -1 / gammaDensity(x[0], y)]
  }
  static let sampleRange = 0.2...0.8
}

/// The x with I_x(a, b) = p, the inverse of ``IncompleteBeta`` in its last operand; its operands are a, b, p. Newton's
/// method for log I over log(x / (1 - x)). Within 0.6 units in the last place in float32 and, in compiled code, 30 in
/// float64 (`docs/special-functions.md`).
public struct IncompleteBetaInverse: FloatFunction, PlainPrimitive {
  public static let name = "betaincinv"
  static let operandCount = 3
  public init() {}

  func reference(_ x: [Double]) -> Double { BetaReference.quantile(x[0], x[1], x[2]) }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] {
    let density = betaDensity(x[0], x[1], y)
    return [
      -elementwise(IncompleteBetaByA(), x[0], x[1], y) / density,
      -elementwise(IncompleteBetaByB(), x[0], x[1], y) / density, 1 / density,
    ]
  }
  static let sampleRange = 0.3...0.7
}

/// The smallest k with P(X <= k) >= u for a Poisson variate X, of the operands u and rate: a uniform number u makes it
/// a variate. From the mean step by step.
public struct PoissonQuantile: FloatFunction, PlainPrimitive {
  public static let name = "poisson_quantile"
  static let operandCount = 2
  public init() {}

  func reference(_ x: [Double]) -> Double {
    let (u, rate) = (x[0], x[1])
    guard rate >= 0, rate < .infinity, u >= 0, u < 1 else { return .nan }
    return smallest { rate == 0 || GammaReference.incomplete($0 + 1, rate).upper >= u }
  }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] { [nil, nil] }
  static let sampleRange = 0.1...0.9
  static let isSmooth = false
}

/// The smallest k with P(X <= k) >= u for a binomial variate X, of the operands u, number of trials, and probability; see
/// ``PoissonQuantile``.
public struct BinomialQuantile: FloatFunction, PlainPrimitive {
  public static let name = "binomial_quantile"
  static let operandCount = 3
  public init() {}

  func reference(_ x: [Double]) -> Double {
    let (u, count, p) = (x[0], x[1].rounded(.down), x[2])
    guard count >= 0, count < .infinity, u >= 0, u < 1, p >= 0, p <= 1 else { return .nan }
    return smallest { k in
      k >= count || p == 0 || (p < 1 && BetaReference.incomplete(count - k, k + 1, 1 - p).value >= u)
    }
  }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] { [nil, nil, nil] }
  static let sampleRange = 0.1...0.9
  static let isSmooth = false
}

/// The smallest whole number of at least 0 that a condition holds for, which holds for all larger ones.
private func smallest(where holds: (Double) -> Bool) -> Double {
  if holds(0) { return 0 }
  var (low, high) = (0.0, 1.0)
  while !holds(high) && high < 1e15 { (low, high) = (high, 2 * high) }
  while high - low > 1 {
    let middle = ((low + high) / 2).rounded(.down)
    if holds(middle) { high = middle } else { low = middle }
  }
  return high
}
