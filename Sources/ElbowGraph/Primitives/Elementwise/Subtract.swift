import ElbowArrays
import RealModule

/// x - y; integers wrap around.
public struct Subtract: BinaryPrimitive {
  public static let name = "subtract"
  static let operation = ScalarOperation.subtract
  public init() {}

  func derivatives(_ context: GradientContext) -> [Tensor?] {
    [context.upstream, -context.upstream]
  }
  struct Rule: NumberPairRule {
    func floating<T: ReferenceFloat>(_ x: T, _ y: T) -> T { x - y }
    func integer<T: FixedWidthInteger>(_ x: T, _ y: T) -> T { x &- y }
  }
  static let rule = Rule()
}
