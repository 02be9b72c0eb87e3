import ElbowArrays

/// dx/da along P(a, x) = constant, where P is ``IncompleteGamma``: how a gamma variate x moves with its shape a
/// (Figurnov, Mohamed, Mnih 2018, "Implicit reparameterization gradients").
///
/// -(dP/da) / (dP/dx), from the series, the continued fraction and Temme's expansion, each differentiated by a. Within
/// 0.51 units in the last place in float32, and 2e-15 in float64.
public struct RandomGammaGradient: FloatFunction, PlainPrimitive {
  public static let name = "random_gamma_grad"
  static let operandCount = 2
  public init() {}

  func reference(_ x: [Double]) -> Double { GammaReference.shapeGradient(x[0], x[1]) }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] {
    throw OperandError(.gradient, "second derivatives by a gamma distribution's concentration are not known")
  }
  static let sampleRange = 0.3...9.0
  static let isSmooth = false
}

/// A gamma variate x, unchanged, through which the gradient flows to its shape a: `(x, a)` gives x, and its derivative by a
/// is ``RandomGammaGradient``.
public struct GammaReparameterization: FloatFunction, PlainPrimitive {
  public static let name = "gamma_reparameterization"
  static let operandCount = 2
  public init() {}

  func reference(_ x: [Double]) -> Double { x[0] }
  func derivatives(_ x: [Tensor], _ y: Tensor) throws(OperandError) -> [Tensor?] {
    [y.onesLike(), randomGammaGrad(x[1], x[0])]
  }
  public func lower(_ operands: [ScalarValue], _ dtype: DType, into builder: inout ScalarBuilder) -> ScalarValue {
    operands[0]
  }
  static let sampleRange = 0.3...9.0
  static let isSmooth = false
}
