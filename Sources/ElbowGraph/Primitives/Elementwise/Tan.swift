import ElbowArrays
import RealModule

/// The tangent of an angle in radians.
public struct Tan: UnaryPrimitive {
  public static let name = "tan"
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.tan(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { 1 + y * y }
  public static var sampleRange: ClosedRange<Double> { -1.2...1.2 }
}
