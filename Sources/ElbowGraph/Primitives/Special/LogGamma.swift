import ElbowArrays
import RealModule

/// The logarithm of |gamma(x)|; infinite at 0, -1, -2, ...
///
/// Compiled code uses Stirling's series and the recurrence, by reflection below 0; within 0.51 units in the last place in
/// float32 and 32 in float64, the latter also near its zeros but for those below 0.
public struct LogGamma: UnaryPrimitive {
  public static let name = "lgamma"
  public init() {}

  public static func reference<T: ReferenceFloat>(_ x: T) -> T { T.logGamma(x) }
  public func derivative(_ x: Tensor, _ y: Tensor) -> Tensor { digamma(x) }
  public static var sampleRange: ClosedRange<Double> { 0.1...12 }
}
