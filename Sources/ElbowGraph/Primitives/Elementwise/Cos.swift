import ElbowArrays
import RealModule

/// The cosine of an angle in radians.
public struct Cos: UnaryPrimitive {
  public static let name = "cos"
  public static let cost = ScalarCost.chain
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.cos(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { -sin(x) }
}
