import ElbowArrays

/// log B(a, b) = log gamma(a) + log gamma(b) - log gamma(a + b) for a, b > 0, without cancellation where they are large.
///
/// Stirling's formulas are put together before they are evaluated (Didonato and Morris 1992, "Algorithm 708"). Within
/// 0.51 units in the last place in float32; in float64 within 1e-14 of the larger of 0.1 and the value.
public struct LogBeta: FloatFunction, PlainPrimitive {
  public static let name = "lbeta"
  static let operandCount = 2
  public init() {}

  func reference(_ x: [Double]) -> Double { BetaReference.logBeta(x[0], x[1]) }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] {
    [digammaDifference(x[0], x[1]), digammaDifference(x[1], x[0])]
  }
  static let sampleRange = 0.3...14.0
}
