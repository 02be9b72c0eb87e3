import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// A constant around the last axes; the inverse cuts it off.
  ///
  ///     log |det dy/dx| = 0
  ///
  /// The volume is that within the elements that are not padding.
  public struct Pad: Bijector {
    /// How many elements come before and after those of each of the last axes.
    public let paddings: [(low: Int, high: Int)]
    /// The value of these elements: a scalar.
    public let constantValues: BijectorParameter
    public let traits: BijectorTraits

    /// A map that pads as many of the last axes as there are pairs.
    public init(
      paddings: [(low: Int, high: Int)] = [(0, 1)], constantValues: some TensorLike = 0.0, name: String? = nil
    ) {
      self.paddings = paddings
      self.constantValues = BijectorParameter("constantValues", constantValues)
      traits = BijectorTraits(
        "Pad", name: name, parameters: [self.constantValues], forwardMinEventNDims: paddings.count,
        isConstantJacobian: true)
    }

    private func padded(_ x: Tensor) -> Tensor {
      let batch = [Dimension](repeating: 0, count: x.rank - paddings.count)
      return x.padded(
        low: batch + paddings.map { Dimension($0.low) }, high: batch + paddings.map { Dimension($0.high) })
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let event = x.shape.suffix(paddings.count)
      let isInside = padded(x.graph.ones(event, dtype: x.dtype)) > 0
      return select(isInside, padded(x), constantValues.tensor(like: x))
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let first = y.rank - paddings.count
      return paddings.enumerated().reduce(y) { y, pair in
        let (axis, padding) = (first + pair.offset, pair.element)
        let extent = y.shape[axis] - Dimension(padding.low) - Dimension(padding.high)
        return part(y, axis: axis, from: Dimension(padding.low), extent: extent)
      }
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? { x.scalar(0) }
    public func forwardEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      if let padding = paddings.first(where: { $0.low < 0 || $0.high < 0 || $0.low > 1 << 30 || $0.high > 1 << 30 }) {
        throw OperandError(.invalidArgument, "the padding \(padding) is negative or too large")
      }
      return Shape(zip(shape.dimensions, paddings).map { $0 + Dimension($1.low) + Dimension($1.high) })
    }
    public func inverseEventShapeFormula(_ shape: Shape) throws(OperandError) -> Shape {
      _ = try forwardEventShapeFormula(shape)
      let inner = zip(shape.dimensions, paddings).map { $0 - Dimension($1.low) - Dimension($1.high) }
      guard inner.allSatisfy({ ($0.value ?? 1) >= 1 }) else {
        throw OperandError(.shape, "an event of shape \(shape) is not larger than the padding")
      }
      return Shape(inner)
    }
  }
}
