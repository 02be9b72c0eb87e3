import ElbowArrays
import RealModule

/// x to the power of y, as pow of C has it; integers by repeated multiplication, 0 for negative y.
public struct Power: BinaryPrimitive {
  public static let name = "power"
  public static let cost = ScalarCost.power
  static let operation = ScalarOperation.power
  public init() {}

  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors { .operands }
  func derivatives(_ context: GradientContext) -> [Tensor?] {
    let (x, y) = (context.inputs[0], context.inputs[1])
    // At x = 0 the logarithm is infinite, but x^y stays 0 for the exponents where it has a derivative at all.
    let safeLog = log(select(x > 0, x, x.onesLike()))
    return [context.upstream * y * pow(x, y - 1), context.upstream * context.output * safeLog]
  }
  struct Rule: NumberPairRule {
    func floating<T: ReferenceFloat>(_ x: T, _ y: T) -> T {
      // Numerics' pow has no 0^0 and no negative base.
      if y == 0 { return 1 }
      guard x < 0 else { return T.pow(x, y) }
      let size = T.pow(-x, y)
      // Of a negative base, only -inf has powers that are not whole.
      guard y == y.rounded() else { return x.isFinite ? .nan : size }
      return (y / 2).rounded() * 2 == y ? size : -size
    }
    func integer<T: FixedWidthInteger>(_ x: T, _ y: T) -> T { integerPower(x, y) }
  }
  static let rule = Rule()
}

private func integerPower<T: FixedWidthInteger>(_ base: T, _ exponent: T) -> T {
  guard exponent >= 0 else { return 0 }
  var (result, factor, rest) = (T(1), base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result = result &* factor }
    factor = factor &* factor
    rest >>= 1
  }
  return result
}
