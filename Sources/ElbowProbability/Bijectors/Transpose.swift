import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// The last axes in another order: axis i of an event of y is axis `permutation[i]` of x's.
  ///
  ///     log |det dy/dx| = 0
  public struct Transpose: Bijector {
    /// A permutation of 0, ..., n - 1 for the last n axes.
    public let permutation: [Int]
    public let traits: BijectorTraits

    /// A permutation of the last axes.
    public init(_ permutation: [Int], name: String? = nil) {
      self.permutation = permutation
      traits = BijectorTraits(
        "Transpose", name: name, forwardMinEventNDims: permutation.count, isConstantJacobian: true)
    }

    /// The last axes in reverse order.
    public init(rightmostTransposedNDims count: Int, name: String? = nil) {
      self.init([Int]((0..<max(0, count)).reversed()), name: name)
    }

    private func transposed(_ x: Tensor, _ permutation: [Int]) -> Tensor {
      let batch = x.rank - permutation.count
      return x.transposed([Int](0..<batch) + permutation.map { $0 + batch })
    }

    private static func transposed(_ shape: Shape, _ permutation: [Int]) throws(OperandError) -> Shape {
      guard inversePermutation(permutation) != nil else {
        throw OperandError(.invalidArgument, "\(permutation) is no permutation of 0, 1, ..., \(permutation.count - 1)")
      }
      return Shape(permutation.map { shape.dimensions[$0] })
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { transposed(x, permutation) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { inversePermutation(permutation).map { transposed(y, $0) } }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { x.scalar(0) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try Self.transposed(shape, permutation)
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try Self.transposed(shape, inversePermutation(permutation) ?? permutation)
    }
  }
}
