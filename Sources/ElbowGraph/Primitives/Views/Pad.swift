import ElbowArrays

/// The operand with elements of one value around it and between its elements.
public struct Pad: AssemblyPrimitive {
  public static let name = "pad"
  /// How many elements come before the first, by axis.
  public let low: Shape
  /// How many elements come after the last, by axis.
  public let high: Shape
  /// How many elements come between neighbours, by axis.
  public let interior: [Int]
  /// The value of the new elements, converted to the operand's dtype.
  public let value: ScalarConstant

  /// A padding. Each list has an entry for every axis of the operand; negative ones are refused.
  ///
  /// - Parameters:
  ///   - low: How many elements come before the first, by axis.
  ///   - high: How many elements come after the last, by axis.
  ///   - interior: How many elements come between neighbours, by axis.
  ///   - value: The value of the new elements.
  public init(low: [Dimension], high: [Dimension], interior: [Int], value: Double) {
    self.low = Shape(low)
    self.high = Shape(high)
    self.interior = interior
    self.value = ScalarConstant(value)
  }
  public init(attributes: Attributes) throws {
    low = try attributes.shape("low")
    high = try attributes.shape("high")
    interior = try attributes.integers("interior")
    let array = try attributes.array("value")
    guard array.dtype == .float64, array.count == 1, let value = array.doubles.first else {
      throw ElbowError(.file, "The value of a pad must be one float64.")
    }
    self.value = ScalarConstant(value)
  }
  public var attributes: Attributes {
    [
      "low": .shape(low), "high": .shape(high), "interior": .integers(interior),
      "value": .array(HostArray(scalar: value.value)),
    ]
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    let shape = operands[0].shape
    guard low.rank == shape.rank, high.rank == shape.rank, interior.count == shape.rank,
      interior.allSatisfy({ (0..<(1 << 31)).contains($0) })
    else { throw OperandError(.shape, "a low, a high and an interior padding are needed for each axis of \(shape)") }
    var result: [Dimension] = []
    for (axis, extent) in shape.dimensions.enumerated() {
      guard low.dimensions[axis].isCertainlyNonNegative, high.dimensions[axis].isCertainlyNonNegative else {
        throw OperandError(.shape, "the padding of axis \(axis) is negative; take a slice instead")
      }
      result.append(
        low.dimensions[axis] + high.dimensions[axis] + extent + (extent - 1) * Dimension(interior[axis]))
    }
    return TensorType(operands[0].dtype, Shape(result))
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let strides = interior.map { $0 + 1 }
    let sizes = context.inputs[0].shape.dimensions
    return [context.upstream.sliced(starts: low.dimensions, sizes: sizes, strides: strides)]
  }
  public func pieces(operands: [Shape], result: Shape) -> Assembly {
    Assembly(
      fill: value.value, pieces: [.init(operand: 0, starts: low.dimensions, strides: interior.map { $0 + 1 })])
  }
  public static let samples = [
    PrimitiveSample(Pad(low: [1, 2], high: [0, 3], interior: [0, 0], value: 0), [TensorType(.float32, [3, 17])]),
    PrimitiveSample(Pad(low: [1, 0], high: [2, 1], interior: [2, 1], value: 1.5), [TensorType(.float32, [3, 5])]),
  ]
}
