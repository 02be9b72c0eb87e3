import ElbowArrays
import RealModule

/// The angle between -pi/2 and pi/2 whose tangent is x.
public struct Atan: UnaryPrimitive {
  public static let name = "atan"
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.atan(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { 1 / (1 + x * x) }
}
