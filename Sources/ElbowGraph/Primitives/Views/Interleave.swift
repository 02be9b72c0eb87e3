import ElbowArrays

/// The operands woven into each other: along every axis the elements of one operand stand `counts` apart, and there is an
/// operand for every offset, the last axis' offset changing fastest.
///
///     y[i counts + offset] = x_offset[i]
///
/// It puts together the phases of a transposed convolution.
public struct Interleave: AssemblyPrimitive {
  public static let name = "interleave"
  /// How many operands take turns along each axis.
  public let counts: [Int]

  /// The operands, one for each offset, in turns.
  ///
  /// - Parameter counts: How many operands take turns along each axis, at least 1; their product is how many there are.
  public init(counts: [Int]) { self.counts = counts }
  public init(attributes: Attributes) throws { counts = try attributes.integers("counts") }
  public var attributes: Attributes { ["counts": .integers(counts)] }

  /// The offset that each operand begins at.
  private var offsets: [[Int]] {
    var offsets: [[Int]] = []
    forEachIndex(counts) { offsets.append($0) }
    return offsets
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    guard let first = operands.first, counts.allSatisfy({ (1...1 << 20).contains($0) }),
      counts.reduce(1, { min($0 * $1, 1 << 20) }) == operands.count,
      operands.allSatisfy({ $0.shape.rank == counts.count })
    else { throw OperandError(.shape, "an operand of rank \(counts.count) is needed for each offset below \(counts)") }
    try requireSameDType(operands)
    var extents = [Dimension](repeating: 0, count: counts.count)
    for (offset, operand) in zip(offsets, operands) {
      for axis in extents.indices where offset.enumerated().allSatisfy({ $0.offset == axis || $0.element == 0 }) {
        extents[axis] = extents[axis] + operand.shape.dimensions[axis]
      }
    }
    // Along an axis that nobody takes turns in, all operands have been counted once.
    for (offset, operand) in zip(offsets, operands) {
      for (axis, extent) in extents.enumerated() {
        let count = counts[axis]
        let isExpected =
          count == 1
          ? operand.shape.dimensions[axis] == extent
          : extent.value.map { operand.shape.dimensions[axis] == Dimension(($0 - offset[axis] + count - 1) / count) }
            ?? false
        guard isExpected else {
          throw OperandError(
            .shape, "the operand at the offset \(offset), \(operand.shape), leaves gaps in \(Shape(extents))")
        }
      }
    }
    return TensorType(first.dtype, Shape(extents))
  }

  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    zip(offsets, context.inputs).map { offset, input in
      context.upstream.sliced(
        starts: offset.map { Dimension($0) }, sizes: input.shape.dimensions, strides: counts)
    }
  }

  public func pieces(operands: [Shape], result: Shape) -> Assembly {
    Assembly(
      fill: nil,
      pieces: offsets.enumerated().map { index, offset in
        .init(operand: index, starts: offset.map { Dimension($0) }, strides: counts)
      })
  }

  public static let samples = [
    PrimitiveSample(
      Interleave(counts: [1, 2]), [TensorType(.float32, [3, 5]), TensorType(.float32, [3, 4])]),
    PrimitiveSample(
      Interleave(counts: [2, 2]),
      [
        TensorType(.float64, [3, 2]), TensorType(.float64, [3, 2]), TensorType(.float64, [2, 2]),
        TensorType(.float64, [2, 2]),
      ]),
  ]
}
