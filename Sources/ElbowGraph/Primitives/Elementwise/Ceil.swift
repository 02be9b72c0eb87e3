import ElbowArrays
import RealModule

/// The smallest integer that is not smaller.
public struct Ceil: UnaryPrimitive {
  public static let name = "ceil"
  public static let cost = ScalarCost.instruction
  public init() {}
  public static let isSmooth = false
  public static func reference<T: ReferenceFloat>(_ x: T) -> T { x.rounded(.up) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { y.zerosLike() }
}
