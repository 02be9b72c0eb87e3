import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// The elements along an axis in another order: y_i = x_(permutation[i]).
  ///
  ///     log |det dy/dx| = 0
  public struct Permute: Bijector {
    /// A permutation of 0, ..., k - 1.
    public let permutation: [Int]
    /// The axis, counted from the end: -1 is the last.
    public let axis: Int
    public let traits: BijectorTraits

    /// A permutation of one of the last axes, counted from the end.
    public init(_ permutation: [Int], axis: Int = -1, name: String? = nil) {
      self.permutation = permutation
      self.axis = axis
      traits = BijectorTraits("Permute", name: name, forwardMinEventNDims: max(1, -axis), isConstantJacobian: true)
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { permuted(x, permutation, axis: axis) }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      inversePermutation(permutation).map { permuted(y, $0, axis: axis) }
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { x.scalar(0) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try permutedShape(shape, permutation, axis: axis)
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try forwardEventShapeFormula(shape)
    }
  }
}

/// The shape after a permutation along an axis that is counted from the end: the same, if the permutation is one of it.
func permutedShape(_ shape: Shape, _ permutation: [Int], axis: Int) throws(OperandError) -> Shape {
  guard axis < 0, shape.rank >= -axis else {
    throw OperandError(.invalidArgument, "the axis is \(axis), but has to be counted from the end: -1 is the last")
  }
  guard inversePermutation(permutation) != nil else {
    throw OperandError(.invalidArgument, "\(permutation) is no permutation of 0, 1, ..., \(permutation.count - 1)")
  }
  guard shape[axis].canEqual(Dimension(permutation.count)) else {
    throw OperandError(.shape, "its axis \(axis) must have the extent \(permutation.count) of the permutation")
  }
  return shape
}
