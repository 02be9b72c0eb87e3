import ElbowArrays
import RealModule

/// e to the power of x.
public struct Exp: UnaryPrimitive {
  public static let name = "exp"
  public static let cost = ScalarCost.chain
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.exp(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { y }
}
