import ElbowArrays
import RealModule

/// The hyperbolic tangent.
public struct Tanh: UnaryPrimitive {
  public static let name = "tanh"
  public static let cost = ScalarCost.chain
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.tanh(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { 1 - y * y }
}
