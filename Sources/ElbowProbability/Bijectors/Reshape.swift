import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// Events in another shape, the elements in the same order.
  ///
  ///     log |det dy/dx| = 0
  ///
  /// One extent of each shape may be -1: what the others leave.
  public struct Reshape: Bijector {
    /// The shape of events of y: extents of at least 1, of which one may be -1. Others are a recorded mistake when the
    /// map is applied.
    public let eventShapeOut: [Int]
    /// The shape of events of x, likewise; `[-1]`, vectors, by default.
    public let eventShapeIn: [Int]
    public let traits: BijectorTraits

    /// A map of events of shape `eventShapeIn`, vectors by default, to `eventShapeOut`.
    public init(eventShapeOut: [Int], eventShapeIn: [Int] = [-1], name: String? = nil) {
      self.eventShapeOut = eventShapeOut
      self.eventShapeIn = eventShapeIn
      traits = BijectorTraits(
        "Reshape", name: name, forwardMinEventNDims: eventShapeIn.count, inverseMinEventNDims: eventShapeOut.count,
        isConstantJacobian: true)
    }

    /// Events of a shape given for one side in the shape of the other.
    private func reshaped(_ x: Tensor, from: [Int], to: [Int]) -> Tensor {
      guard let event = try? Self.matched(x.shape.suffix(from.count), from: from, to: to) else {
        return x.graph.invalid()
      }
      return x.reshaped(to: x.shape.dropLast(from.count) + event)
    }

    private static func matched(_ shape: Shape, from: [Int], to: [Int]) throws(OperandError) -> Shape {
      func fail(_ reason: String) -> OperandError {
        OperandError(.shape, "events of shape \(shape) cannot be reshaped from \(from) to \(to): \(reason)")
      }
      for side in [from, to] where side.count(where: { $0 == -1 }) > 1 || side.contains(where: { $0 < -1 || $0 == 0 }) {
        throw fail("extents are at least 1, and at most one is -1")
      }
      for (extent, wanted) in zip(shape.dimensions, from) where wanted != -1 && !extent.canEqual(Dimension(wanted)) {
        throw fail("the extent \(extent) is not \(wanted)")
      }
      let known = to.filter { $0 != -1 }.reduce(Dimension(1)) { $0 * Dimension($1) }
      guard let rest = shape.elementCount.dividedExactly(by: known), to.contains(-1) || rest == 1 else {
        throw fail("the numbers of elements differ")
      }
      return Shape(to.map { $0 == -1 ? rest : Dimension($0) })
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? { reshaped(x, from: eventShapeIn, to: eventShapeOut) }
    public func inverseFormula(_ y: Tensor) -> Tensor? { reshaped(y, from: eventShapeOut, to: eventShapeIn) }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { x.scalar(0) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try Self.matched(shape, from: eventShapeIn, to: eventShapeOut)
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      try Self.matched(shape, from: eventShapeOut, to: eventShapeIn)
    }
  }
}
