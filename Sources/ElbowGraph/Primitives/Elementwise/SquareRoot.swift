import ElbowArrays
import RealModule

/// The square root; NaN below zero.
public struct SquareRoot: UnaryPrimitive {
  public static let name = "sqrt"
  public static let cost = ScalarCost.division
  public init() {}
  public static let sampleRange = 0.1...4.0
  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.sqrt(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { 0.5 / y }
}
