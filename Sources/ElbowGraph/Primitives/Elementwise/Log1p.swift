import ElbowArrays
import RealModule

/// log(1 + x), exact near zero.
public struct Log1p: UnaryPrimitive {
  public static let name = "log1p"
  public static let cost = ScalarCost.chain
  public init() {}
  public static let sampleRange = -0.8...4.0
  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.log(onePlus: x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { 1 / (1 + x) }
}
