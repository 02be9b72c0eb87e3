import ElbowArrays
import RealModule

/// exp(x) - 1, exact near zero.
public struct Expm1: UnaryPrimitive {
  public static let name = "expm1"
  public static let cost = ScalarCost.chain
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.expMinusOne(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { y + 1 }
}
