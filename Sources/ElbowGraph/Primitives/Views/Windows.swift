import ElbowArrays

/// The windows that slide along some axes, as a view: each axis keeps one position for every place of the window, and the
/// window's own axes come last. NumPy's `sliding_window_view`, with strides and dilations.
///
///     y[..., p, ..., k] = x[..., p stride + k dilation, ...]
public struct Windows: ViewPrimitive {
  public static let name = "windows"
  /// The axes that windows slide along.
  public let axes: [Int]
  /// How many elements a window has along each of them.
  public let sizes: [Int]
  /// How far a window moves.
  public let strides: [Int]
  /// How far apart the elements of a window are.
  public let dilations: [Int]

  /// The windows along some axes of fixed extents; the last three lists have an entry for each of the axes.
  ///
  /// - Parameters:
  ///   - axes: The axes that windows slide along, counted from the start, each once.
  ///   - sizes: How many elements a window has along each of them.
  ///   - strides: How far a window moves.
  ///   - dilations: How far apart the elements of a window are.
  public init(axes: [Int], sizes: [Int], strides: [Int], dilations: [Int]) {
    self.axes = axes
    self.sizes = sizes
    self.strides = strides
    self.dilations = dilations
  }
  public init(attributes: Attributes) throws {
    self.init(
      axes: try attributes.integers("axes"), sizes: try attributes.integers("sizes"),
      strides: try attributes.integers("strides"), dilations: try attributes.integers("dilations"))
  }
  public var attributes: Attributes {
    [
      "axes": .integers(axes), "sizes": .integers(sizes), "strides": .integers(strides),
      "dilations": .integers(dilations),
    ]
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    var shape = operands[0].shape
    guard [sizes, strides, dilations].allSatisfy({ $0.count == axes.count }), Set(axes).count == axes.count,
      axes.allSatisfy({ (0..<shape.rank).contains($0) })
    else { throw OperandError(.shape, "a size, a stride and a dilation are needed for each of some axes of \(shape)") }
    for (position, axis) in axes.enumerated() {
      let window = WindowAxis(stride: strides[position], kernelDilation: dilations[position])
      let extent = try window.resultExtent(input: shape.dimensions[axis], kernel: Dimension(sizes[position]))
      shape.dimensions[axis] = Dimension(extent)
    }
    return TensorType(operands[0].dtype, Shape(shape.dimensions + sizes.map { Dimension($0) }))
  }

  /// Each place in the window is a strided slice of the operand; the upstream of all places is added up.
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let places = sizes.reduce(1) { min($0 * min($1, 1 << 20), 1 << 20) }
    guard places <= 4096 else {
      throw OperandError(.gradient, "its window has \(places) places; there are gradients up to 4096")
    }
    let shape = context.inputs[0].shape
    let positions = [Dimension](context.output.shape.dimensions.prefix(shape.rank))
    let ones = [Int](repeating: 1, count: shape.rank + sizes.count)
    var total: Tensor?
    forEachIndex(sizes) { place in
      let starts = [Dimension](repeating: 0, count: shape.rank) + place.map { Dimension($0) }
      let extents = positions + sizes.map { _ in Dimension(1) }
      var part = context.upstream.sliced(starts: starts, sizes: extents, strides: ones)
        .reshaped(to: Shape(positions))
      var (low, high) = ([Dimension](repeating: 0, count: shape.rank), [Dimension](repeating: 0, count: shape.rank))
      var interior = [Int](repeating: 0, count: shape.rank)
      for (position, axis) in axes.enumerated() {
        low[axis] = Dimension(place[position] * dilations[position])
        interior[axis] = strides[position] - 1
        high[axis] = shape.dimensions[axis] - 1 - low[axis] - (positions[axis] - 1) * Dimension(strides[position])
      }
      part = part.padded(low: low, high: high, interior: interior)
      total = total.map { $0 + part } ?? part
    }
    return [total]
  }

  public func operandIndex(
    of index: [LinearIndex], operand: Shape, result: Shape, loops: inout any LoopSplitter
  ) -> [LinearIndex]? {
    var place = [LinearIndex](index.prefix(operand.rank))
    for (position, axis) in axes.enumerated() {
      place[axis] =
        place[axis] * Dimension(strides[position]) + index[operand.rank + position] * Dimension(dilations[position])
    }
    return place
  }

  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let rank = context.inputs[0].shape.count
    return try context.gathered { index, source in
      for axis in 0..<rank { source[axis] = index[axis] }
      for (position, axis) in axes.enumerated() {
        source[axis] = index[axis] * strides[position] + index[rank + position] * dilations[position]
      }
    }
  }

  public static let samples = [
    PrimitiveSample(
      Windows(axes: [1], sizes: [3], strides: [1], dilations: [1]), [TensorType(.float32, [3, 17])]),
    PrimitiveSample(
      Windows(axes: [1, 2], sizes: [3, 2], strides: [2, 1], dilations: [1, 3]), [TensorType(.float64, [2, 7, 6, 3])]),
  ]
}
