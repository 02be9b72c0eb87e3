import ElbowArrays
import RealModule

/// 1 - erf(x), exact for large x.
public struct Erfc: UnaryPrimitive {
  public static let name = "erfc"
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.erfc(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { (-2 / Double.pi.squareRoot()) * exp(-(x * x)) }
}
