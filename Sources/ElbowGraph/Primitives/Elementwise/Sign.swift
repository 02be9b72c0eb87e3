import ElbowArrays

/// -1, 0 or 1 by the sign of x; NaN for NaN.
public struct Sign: UnaryPrimitive {
  public static let name = "sign"
  public static let cost = ScalarCost.instruction
  public static let isSmooth = false
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { x > 0 ? 1 : x < 0 ? -1 : x }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { y.zerosLike() }
}
