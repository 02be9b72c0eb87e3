import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Sums up to each position along an axis: y_i = x_1 + ... + x_i.
  ///
  ///     log |det dy/dx| = 0
  public struct Cumsum: Bijector {
    /// The axis, counted from the end: -1 is the last.
    public let axis: Int
    public let traits: BijectorTraits

    /// Sums along one of the last axes, counted from the end.
    public init(axis: Int = -1, name: String? = nil) {
      self.axis = axis
      traits = BijectorTraits("Cumsum", name: name, forwardMinEventNDims: max(1, -axis), isConstantJacobian: true)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { cumsum(x, axis: axis) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { y - shiftedBack(y, axis: axis) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { x.scalar(0) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      guard axis < 0 else {
        throw OperandError(.invalidArgument, "the axis is \(axis), but has to be counted from the end: -1 is the last")
      }
      return shape
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }
}
