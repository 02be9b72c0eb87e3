import ElbowArrays
import RealModule

/// The natural logarithm.
public struct Log: UnaryPrimitive {
  public static let name = "log"
  public static let cost = ScalarCost.chain
  public init() {}
  public static let sampleRange = 0.1...4.0
  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.log(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { 1 / x }
}
