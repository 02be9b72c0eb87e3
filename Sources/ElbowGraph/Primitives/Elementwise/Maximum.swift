import ElbowArrays
import RealModule

/// The larger of x and y; NaN if either is. Equal operands share the gradient.
public struct Maximum: BinaryPrimitive {
  public static let name = "maximum"
  static let operation = ScalarOperation.maximum
  public init() {}

  func derivatives(_ context: GradientContext) -> [Tensor?] {
    let (x, y) = (context.inputs[0], context.inputs[1])
    let half = (x .== y).cast(to: x.dtype) * 0.5
    return [
      context.upstream * ((x > y).cast(to: x.dtype) + half), context.upstream * ((y > x).cast(to: x.dtype) + half),
    ]
  }
  struct Rule: NumberPairRule {
    func floating<T: ReferenceFloat>(_ x: T, _ y: T) -> T { x.isNaN ? x : y.isNaN ? y : (x > y ? x : y) }
    func integer<T: FixedWidthInteger>(_ x: T, _ y: T) -> T { max(x, y) }
  }
  static let rule = Rule()
}
