import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// A bijector of functions given on the spot.
  ///
  ///     let leakyRelu = Bijectors.Inline(
  ///       forward: { select($0 >= 0, $0, alpha * $0) },
  ///       inverse: { select($0 >= 0, $0, $0 / alpha) },
  ///       inverseLogDetJacobian: { y in
  ///         let slope = select(y >= 0, y.onesLike(), y.onesLike() / alpha)
  ///         return log(abs(slope)).sum(axes: [-1])
  ///       },
  ///       forwardMinEventNDims: 1)
  ///
  /// Functions left out are not defined; one of the log determinants is enough, and needs the map in the direction of the other
  /// to serve both. Whether the functions fit each other is for ``Bijector/verify(at:in:)`` to find out.
  public struct Inline: Bijector {
    private let forwardFunction: ((Tensor) -> Tensor)?
    private let inverseFunction: ((Tensor) -> Tensor)?
    private let forwardLogDet: ((Tensor) -> Tensor)?
    private let inverseLogDet: ((Tensor) -> Tensor)?
    private let forwardShape: ((Shape) -> Shape)?
    private let inverseShape: ((Shape) -> Shape)?
    public let traits: BijectorTraits

    /// A bijector of functions.
    ///
    /// - Parameters:
    ///   - forward: y of x.
    ///   - inverse: x of y.
    ///   - forwardLogDetJacobian: log |det dy/dx| at x, of events of `forwardMinEventNDims` axes.
    ///   - inverseLogDetJacobian: log |det dx/dy| at y, of events of `inverseMinEventNDims` axes.
    ///   - forwardMinEventNDims: How many axes an event of x has at least.
    ///   - inverseMinEventNDims: The same of y, if it differs.
    ///   - isConstantJacobian: Whether the log determinants are the same everywhere.
    ///   - forwardEventShape: The shape of y's events of x's, if it differs.
    ///   - inverseEventShape: The shape of x's events of y's, if it differs.
    public init(
      forward: ((Tensor) -> Tensor)? = nil, inverse: ((Tensor) -> Tensor)? = nil,
      forwardLogDetJacobian: ((Tensor) -> Tensor)? = nil, inverseLogDetJacobian: ((Tensor) -> Tensor)? = nil,
      forwardMinEventNDims: Int, inverseMinEventNDims: Int? = nil, isConstantJacobian: Bool = false,
      forwardEventShape: ((Shape) -> Shape)? = nil, inverseEventShape: ((Shape) -> Shape)? = nil, name: String? = nil
    ) {
      forwardFunction = forward
      inverseFunction = inverse
      forwardLogDet = forwardLogDetJacobian
      inverseLogDet = inverseLogDetJacobian
      forwardShape = forwardEventShape
      inverseShape = inverseEventShape
      traits = BijectorTraits(
        "Inline", name: name, forwardMinEventNDims: max(0, forwardMinEventNDims),
        inverseMinEventNDims: inverseMinEventNDims.map { max(0, $0) }, isConstantJacobian: isConstantJacobian)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { forwardFunction?(x) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { inverseFunction?(y) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { forwardLogDet?(x) }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? { inverseLogDet?(y) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape { forwardShape?(shape) ?? shape }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape { inverseShape?(shape) ?? shape }
  }
}
