import ElbowArrays

/// The derivative of the logarithm of gamma; not a number at 0, -1, -2, ...
///
/// The recurrence psi(x) = psi(x + 1) - 1/x and the asymptotic series (Abramowitz and Stegun 6.3.5, 6.3.18), by
/// reflection below 0. Within 0.51 units in the last place in float32; in float64 within 1e-15 of the larger of 1 and
/// the value.
public struct Digamma: UnaryPrimitive {
  public static let name = "digamma"
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T(GammaReference.digamma(Double(x))) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { polygamma(1, x) }
  public static var sampleRange: ClosedRange<Double> { 0.1...12 }
}
