import ElbowArrays
import RealModule

/// The largest integer that is not larger.
public struct Floor: UnaryPrimitive {
  public static let name = "floor"
  public static let cost = ScalarCost.instruction
  public init() {}
  public static let isSmooth = false
  public static func reference<T: ReferenceFloat>(_ x: T) -> T { x.rounded(.down) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { y.zerosLike() }
}
