import ElbowArrays

/// The sum or the largest of the elements in each position of a window that slides along all axes: pooling.
///
/// Places outside the operand do not take part. Padding is smaller than the window, so every position sees an element; axes
/// of symbolic extent have a window of 1. The gradient of a largest element goes to the first such in its window.
public struct ReduceWindow: Primitive {
  public static let name = "reduce_window"

  /// The reductions of a window's elements.
  public enum Operation: String, Sendable, CaseIterable {
    case sum, maximum
  }

  /// The reduction of a window's elements.
  public let operation: Operation
  /// How many elements the window has along each axis.
  public let sizes: [Int]
  /// How far it moves along each axis.
  public let strides: [Int]
  /// How many places before the first and after the last element of each axis it covers.
  public let low: [Int]
  /// How many places after the last element of each axis it covers.
  public let high: [Int]

  /// A reduction over windows of floating-point elements; each list has an entry for every axis of the operand.
  ///
  /// - Parameters:
  ///   - operation: The reduction of a window's elements.
  ///   - sizes: How many elements the window has along each axis, at least 1.
  ///   - strides: How far it moves along each axis, at least 1.
  ///   - low: How many places before the first element it covers, fewer than the window has.
  ///   - high: How many places after the last element it covers, fewer than the window has.
  public init(_ operation: Operation, sizes: [Int], strides: [Int], low: [Int], high: [Int]) {
    self.operation = operation
    self.sizes = sizes
    self.strides = strides
    self.low = low
    self.high = high
  }
  public init(attributes: Attributes) throws {
    let name = try attributes.string("operation")
    guard let operation = Operation(rawValue: name) else { throw ElbowError(.file, "There is no reduction '\(name)'.") }
    self.init(
      operation, sizes: try attributes.integers("sizes"), strides: try attributes.integers("strides"),
      low: try attributes.integers("low"), high: try attributes.integers("high"))
  }
  public var attributes: Attributes {
    [
      "operation": .string(operation.rawValue), "sizes": .integers(sizes), "strides": .integers(strides),
      "low": .integers(low), "high": .integers(high),
    ]
  }

  /// Whether the window leaves an axis as it is.
  private func isTrivial(_ axis: Int) -> Bool {
    sizes[axis] == 1 && strides[axis] == 1 && low[axis] == 0 && high[axis] == 0
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    try requireFloatingPoint(operands)
    let shape = operands[0].shape
    guard [sizes, strides, low, high].allSatisfy({ $0.count == shape.rank }) else {
      throw OperandError(.shape, "a window size, a stride and two paddings are needed for each axis of \(shape)")
    }
    var result = shape
    for axis in 0..<shape.rank where !isTrivial(axis) {
      guard (0..<max(1, sizes[axis])).contains(low[axis]), (0..<max(1, sizes[axis])).contains(high[axis]) else {
        throw OperandError(
          .shape,
          "the paddings \(low[axis]) and \(high[axis]) of axis \(axis) are not smaller than the window, \(sizes[axis])")
      }
      let window = WindowAxis(stride: strides[axis], low: low[axis], high: high[axis])
      let extent = try window.resultExtent(input: shape.dimensions[axis], kernel: Dimension(sizes[axis]))
      result.dimensions[axis] = Dimension(extent)
    }
    return TensorType(operands[0].dtype, result)
  }

  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    [operation == .sum ? sumGradient(context) : try maximumGradient(context)]
  }

  /// Every element was part of the windows that start up to a window before it: a sum over windows of the upstream.
  private func sumGradient(_ context: GradientContext) -> Tensor {
    let extents = context.inputs[0].shape.dimensions
    let before = sizes.indices.map { Dimension(sizes[$0] - 1 - low[$0]) }
    let after = sizes.indices.map { axis in
      isTrivial(axis)
        ? 0 : extents[axis] + Dimension(low[axis] - 1) - (context.upstream.shape[axis] - 1) * Dimension(strides[axis])
    }
    let spread = context.upstream.padded(low: before, high: after, interior: strides.map { $0 - 1 })
    let zeros = [Int](repeating: 0, count: sizes.count)
    let rule = ReduceWindow(.sum, sizes: sizes, strides: zeros.map { $0 + 1 }, low: zeros, high: zeros)
    return spread.graph.apply(rule, [spread])
  }

  /// One slice of the operand for each place in the window: the first that equals the maximum receives the upstream.
  private func maximumGradient(_ context: GradientContext) throws(OperandError) -> Tensor {
    let places = sizes.reduce(1) { min($0 * min($1, 1 << 20), 1 << 20) }
    guard places <= 4096 else {
      throw OperandError(.gradient, "its window has \(places) places; there are gradients up to 4096")
    }
    let (x, y, upstream) = (context.inputs[0], context.output, context.upstream)
    let padded = x.padded(low: low.map { Dimension($0) }, high: high.map { Dimension($0) }, value: -.infinity)
    let counts = y.shape.dimensions
    var isTaken: Tensor?
    var parts: [Tensor] = []
    forEachIndex(sizes) { place in
      let starts = place.map { Dimension($0) }
      let isMaximum = padded.sliced(starts: starts, sizes: counts, strides: strides) .== y
      let isFirst = isTaken.map { isMaximum .& .!$0 } ?? isMaximum
      isTaken = isTaken.map { $0 .| isMaximum } ?? isMaximum
      let after = starts.indices.map { axis in
        padded.shape.dimensions[axis] - 1 - starts[axis] - (counts[axis] - 1) * Dimension(strides[axis])
      }
      let part = select(isFirst, upstream, upstream.zerosLike())
      parts.append(part.padded(low: starts, high: after, interior: strides.map { $0 - 1 }))
    }
    let total = parts.dropFirst().reduce(parts[0]) { $0 + $1 }
    return total.sliced(
      starts: low.map { Dimension($0) }, sizes: x.shape.dimensions, strides: [Int](repeating: 1, count: low.count))
  }

  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors {
    operation == .sum ? .sum(terms: sizes.reduce(1, *)) : .result
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let operand = context.inputs[0]
    let (x, steps) = (operand.doubles, rowMajorStrides(operand.shape))
    var result: [Double] = []
    forEachIndex(context.shape) { index in
      var total = operation == .sum ? 0 : -Double.infinity
      forEachIndex(sizes) { place in
        var from = 0
        for axis in place.indices {
          let at = index[axis] * strides[axis] + place[axis] - low[axis]
          guard (0..<operand.shape[axis]).contains(at) else { return }
          from += at * steps[axis]
        }
        total = operation == .sum ? total + x[from] : total.isNaN || x[from].isNaN ? .nan : max(total, x[from])
      }
      result.append(total)
    }
    return try context.floats(result)
  }

  public static let samples = Operation.allCases.flatMap { operation in
    [
      PrimitiveSample(
        ReduceWindow(operation, sizes: [1, 2, 2, 1], strides: [1, 2, 2, 1], low: [0, 0, 0, 0], high: [0, 0, 0, 0]),
        [TensorType(.float32, [2, 4, 6, 3])]),
      PrimitiveSample(
        ReduceWindow(operation, sizes: [1, 3, 2, 1], strides: [1, 2, 1, 1], low: [0, 1, 0, 0], high: [0, 2, 1, 0]),
        [TensorType(.float64, [2, 6, 5, 2])]),
      PrimitiveSample(
        ReduceWindow(operation, sizes: [1, 4], strides: [1, 3], low: [0, 0], high: [0, 0]),
        [TensorType(.float32, [3, 11])]),
    ]
  }
}
