import ElbowArrays
import RealModule

/// The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.
public struct Erf: UnaryPrimitive {
  public static let name = "erf"
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.erf(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { (2 / Double.pi.squareRoot()) * exp(-(x * x)) }
}
