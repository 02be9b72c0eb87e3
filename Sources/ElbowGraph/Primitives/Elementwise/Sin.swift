import ElbowArrays
import RealModule

/// The sine of an angle in radians.
public struct Sin: UnaryPrimitive {
  public static let name = "sin"
  public static let cost = ScalarCost.chain
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.sin(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { cos(x) }
}
