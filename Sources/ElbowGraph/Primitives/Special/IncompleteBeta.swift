import ElbowArrays

/// The regularised incomplete beta function I_x(a, b): the integral of t^(a-1) (1-t)^(b-1) from 0 to x over B(a, b), for
/// a, b > 0 and 0 <= x <= 1; not a number elsewhere. Its operands are a, b, x.
///
/// The even part of the continued fraction DLMF 8.17.22 (Didonato and Morris 1992, "Algorithm 708"), or above the mean
/// that of 1 - I_1-x(b, a). Within 0.51 units in the last place in float32, and 1.2e-14 in float64.
public struct IncompleteBeta: FloatFunction, PlainPrimitive {
  public static let name = "betainc"
  static let operandCount = 3
  public init() {}

  func reference(_ x: [Double]) -> Double { BetaReference.incomplete(x[0], x[1], x[2]).value }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] {
    func by(_ primitive: some ElementwisePrimitive) -> Tensor { elementwise(primitive, x[0], x[1], x[2]) }
    return [by(IncompleteBetaByA()), by(IncompleteBetaByB()), betaDensity(x[0], x[1], x[2])]
  }
  static let sampleRange = 0.1...0.9
}

/// x^(a-1) (1-x)^(b-1) / B(a, b).
func betaDensity(_ a: Tensor, _ b: Tensor, _ x: Tensor) -> Tensor {
  exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - lbeta(a, b))
}

/// The derivative of ``IncompleteBeta`` by a: its continued fraction, differentiated. Within 0.51 units in the last place
/// in float32; in float64 within 2e-12 of the larger of 0.001 and the value.
public struct IncompleteBetaByA: FloatFunction, PlainPrimitive {
  public static let name = "betainc_grad_a"
  static let operandCount = 3
  public init() {}

  func reference(_ x: [Double]) -> Double { BetaReference.incomplete(x[0], x[1], x[2]).byA }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] {
    throw OperandError(.gradient, "second derivatives of the incomplete beta function by a and b are not known")
  }
  static let sampleRange = 0.1...0.9
  static let isSmooth = false
}

/// The derivative of ``IncompleteBeta`` by b; see ``IncompleteBetaByA``.
public struct IncompleteBetaByB: FloatFunction, PlainPrimitive {
  public static let name = "betainc_grad_b"
  static let operandCount = 3
  public init() {}

  func reference(_ x: [Double]) -> Double { BetaReference.incomplete(x[0], x[1], x[2]).byB }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] {
    throw OperandError(.gradient, "second derivatives of the incomplete beta function by a and b are not known")
  }
  static let sampleRange = 0.1...0.9
  static let isSmooth = false
}
