import ElbowArrays
import RealModule

/// The nearest integer, halves to the even one.
public struct Round: UnaryPrimitive {
  public static let name = "round"
  public static let cost = ScalarCost.instruction
  public init() {}
  public static let isSmooth = false
  public static func reference<T: ReferenceFloat>(_ x: T) -> T { x.rounded(.toNearestOrEven) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { y.zerosLike() }
}
