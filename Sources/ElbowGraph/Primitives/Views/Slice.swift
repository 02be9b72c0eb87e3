import ElbowArrays

/// Every `stride`-th element from `start` along each axis; a negative stride walks backwards.
public struct Slice: ViewPrimitive {
  public static let name = "slice"
  /// The position of the first element taken, by axis.
  public let starts: Shape
  /// How many elements are taken, by axis: the shape of the result.
  public let sizes: Shape
  /// How far apart the elements taken are, by axis; negative to walk backwards, never 0.
  public let strides: [Int]

  /// A part of the operand, with an entry for each of its axes. Elements outside the operand are refused.
  ///
  /// - Parameters:
  ///   - starts: The position of the first element taken, by axis.
  ///   - sizes: How many elements are taken, at least 1, by axis.
  ///   - strides: How far apart they are, by axis; negative to walk backwards, never 0.
  public init(starts: [Dimension], sizes: [Dimension], strides: [Int]) {
    self.starts = Shape(starts)
    self.sizes = Shape(sizes)
    self.strides = strides
  }
  public init(attributes: Attributes) throws {
    starts = try attributes.shape("starts")
    sizes = try attributes.shape("sizes")
    strides = try attributes.integers("strides")
  }
  public var attributes: Attributes {
    ["starts": .shape(starts), "sizes": .shape(sizes), "strides": .integers(strides)]
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    let shape = operands[0].shape
    guard starts.rank == shape.rank, sizes.rank == shape.rank, strides.count == shape.rank,
      strides.allSatisfy({ $0 != 0 && $0.magnitude < 1 << 31 })
    else { throw OperandError(.shape, "a start, a size and a stride are needed for each axis of \(shape)") }
    for axis in 0..<shape.rank {
      let (first, size) = (starts.dimensions[axis], sizes.dimensions[axis])
      let last = first + (size - 1) * Dimension(strides[axis])
      let (low, high) = strides[axis] > 0 ? (first, last) : (last, first)
      guard size.isCertainlyPositive, low.isCertainlyNonNegative,
        (shape.dimensions[axis] - high - 1).isCertainlyNonNegative
      else {
        let extent = shape.dimensions[axis]
        throw OperandError(
          .shape,
          "axis \(axis) has the extent \(extent); \(size) elements from \(first) by \(strides[axis]) do not lie within it"
            + (extent.isSymbolic ? " for all values of \(extent.symbols.sorted().joined(separator: ", ")) from 1" : ""))
      }
    }
    return TensorType(operands[0].dtype, sizes)
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let shape = context.inputs[0].shape
    var upstream = context.upstream
    var (low, high, interior) = ([Dimension](), [Dimension](), [Int]())
    for axis in 0..<shape.rank {
      let (first, size, stride) = (starts.dimensions[axis], sizes.dimensions[axis], strides[axis])
      let last = first + (size - 1) * Dimension(stride)
      if stride < 0 { upstream = upstream.reversed(axes: [axis]) }
      low.append(stride > 0 ? first : last)
      high.append(shape.dimensions[axis] - 1 - (stride > 0 ? last : first))
      interior.append(abs(stride) - 1)
    }
    return [upstream.padded(low: low, high: high, interior: interior)]
  }
  public func operandIndex(
    of index: [LinearIndex], operand: Shape, result: Shape, loops: inout any LoopSplitter
  ) -> [LinearIndex]? {
    index.enumerated().map { axis, position in
      LinearIndex(starts.dimensions[axis]) + position * Dimension(strides[axis])
    }
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    guard let starts = starts.evaluated(with: context.bindings) else {
      throw ElbowError(.internal, "A slice starts at an unknown extent.")
    }
    return try context.gathered { index, source in
      for axis in index.indices { source[axis] = starts[axis] + index[axis] * strides[axis] }
    }
  }
  public static let samples = [
    PrimitiveSample(Slice(starts: [1, 2], sizes: [2, 9], strides: [1, 1]), [TensorType(.float32, [3, 17])]),
    PrimitiveSample(Slice(starts: [0, 16], sizes: [3, 6], strides: [1, -3]), [TensorType(.float32, [3, 17])]),
  ]
}

extension Dimension {
  /// Whether the extent is at least 0 whatever the symbols, each at least 1. May say no where a closer look would say yes.
  public var isCertainlyNonNegative: Bool {
    let positive = terms.filter { $0.coefficient > 0 }
    guard positive.count == terms.count else { return false }
    return terms.reduce(constant) { $0 &+ $1.coefficient } >= 0
  }
  /// Whether the extent is at least 1 whatever the symbols, each at least 1.
  public var isCertainlyPositive: Bool { (self - 1).isCertainlyNonNegative }
}
