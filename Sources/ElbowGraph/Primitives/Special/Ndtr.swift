import ElbowArrays
import RealModule

/// The standard normal distribution's cdf, erfc(-x / sqrt(2)) / 2.
///
/// Not composed of these, for rounding x / sqrt(2) moves the tail by x^2 units in the last place. What rounding loses,
/// d, comes after: erfc(y + d) = erfc(y) - 2 d / sqrt(pi) exp(-y^2).
public struct Ndtr: UnaryPrimitive {
  public static let name = "ndtr"
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T {
    let (x, root) = (min(max(Double(x), -40), 40), -0.5.squareRoot())
    let y = x * root
    // The root is 4.8e-17 above the nearest number of float64.
    let lost = (-y).addingProduct(x, root) + x * 4.833646656726457e-17
    return T(0.5 * Double.erfc(y) - lost / Double.pi.squareRoot() * Double.exp(-y * y))
  }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor {
    (1 / (2 * Double.pi).squareRoot()) * exp(-0.5 * (x * x))
  }
  public static let sampleRange = -5.0...5.0
}
