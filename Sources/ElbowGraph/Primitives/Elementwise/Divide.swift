import ElbowArrays
import RealModule

/// x / y; integers truncate, and give 0 for y = 0.
public struct Divide: BinaryPrimitive {
  public static let name = "divide"
  public static let cost = ScalarCost.division
  static let operation = ScalarOperation.divide
  public init() {}

  func derivatives(_ context: GradientContext) -> [Tensor?] {
    let byLeft = context.upstream / context.inputs[1]
    return [byLeft, -(byLeft * context.output)]
  }
  struct Rule: NumberPairRule {
    func floating<T: ReferenceFloat>(_ x: T, _ y: T) -> T { x / y }
    func integer<T: FixedWidthInteger>(_ x: T, _ y: T) -> T {
      y == 0 ? 0 : x.dividedReportingOverflow(by: y).partialValue
    }
  }
  static let rule = Rule()
}
