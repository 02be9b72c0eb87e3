import ElbowArrays
import RealModule

/// x * y; integers wrap around.
public struct Multiply: BinaryPrimitive {
  public static let name = "multiply"
  static let operation = ScalarOperation.multiply
  public init() {}

  func derivatives(_ context: GradientContext) -> [Tensor?] {
    [context.upstream * context.inputs[1], context.upstream * context.inputs[0]]
  }
  struct Rule: NumberPairRule {
    func floating<T: ReferenceFloat>(_ x: T, _ y: T) -> T { x * y }
    func integer<T: FixedWidthInteger>(_ x: T, _ y: T) -> T { x &* y }
  }
  static let rule = Rule()
}
