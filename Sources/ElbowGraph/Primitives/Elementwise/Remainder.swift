import ElbowArrays
import RealModule

/// The remainder of x / y truncated, with the sign of x; for integers 0 where y = 0.
public struct Remainder: BinaryPrimitive {
  public static let name = "remainder"
  public static let cost = ScalarCost.power
  static let operation = ScalarOperation.remainder
  public init() {}

  func derivatives(_ context: GradientContext) -> [Tensor?] {
    let quotient = context.inputs[0] / context.inputs[1]
    return [context.upstream, -(context.upstream * sign(quotient) * floor(abs(quotient)))]
  }
  struct Rule: NumberPairRule {
    func floating<T: ReferenceFloat>(_ x: T, _ y: T) -> T { x.truncatingRemainder(dividingBy: y) }
    func integer<T: FixedWidthInteger>(_ x: T, _ y: T) -> T {
      y == 0 ? 0 : x.remainderReportingOverflow(dividingBy: y).partialValue
    }
  }
  static let rule = Rule()
}
