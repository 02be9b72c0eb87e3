import ElbowArrays

/// The sum, the largest or the smallest of the elements along some axes, which the result no longer has.
///
/// Sums are added up in an order that depends on the sizes alone. NaN anywhere gives NaN.
public struct Reduce: Primitive {
  public static let name = "reduce"

  /// The reductions.
  public enum Operation: String, Sendable, CaseIterable {
    case sum, maximum, minimum
  }

  /// The reduction.
  public let operation: Operation
  /// The axes reduced, sorted.
  public let axes: [Int]

  /// A reduction of numbers along some axes, counted from the start, each once; extremes refuse empty axes.
  public init(_ operation: Operation, axes: [Int]) {
    self.operation = operation
    self.axes = axes.sorted()
  }
  public init(attributes: Attributes) throws {
    let name = try attributes.string("operation")
    guard let operation = Operation(rawValue: name) else { throw ElbowError(.file, "There is no reduction '\(name)'.") }
    self.init(operation, axes: try attributes.integers("axes"))
  }
  public var attributes: Attributes { ["operation": .string(operation.rawValue), "axes": .integers(axes)] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    try requireNumbers(operands)
    let shape = operands[0].shape
    guard Set(axes).count == axes.count, axes.allSatisfy({ (0..<shape.rank).contains($0) }) else {
      throw OperandError(.shape, "\(axes) are not distinct axes of \(shape)")
    }
    if operation != .sum, let empty = axes.first(where: { shape.dimensions[$0] == 0 }) {
      throw OperandError(.shape, "axis \(empty) of \(shape) is empty and has no \(operation)")
    }
    let kept = shape.dimensions.indices.filter { !axes.contains($0) }
    return TensorType(operands[0].dtype, Shape(kept.map { shape.dimensions[$0] }))
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let x = context.inputs[0]
    var kept = x.shape
    for axis in axes { kept.dimensions[axis] = 1 }
    let upstream = context.upstream.reshaped(to: kept)
    guard operation != .sum else { return [upstream.broadcast(to: x.shape)] }
    // Elements that share the extreme share the gradient.
    let isExtreme = (x .== context.output.reshaped(to: kept).broadcast(to: x.shape)).cast(to: x.dtype)
    let ties = isExtreme.sum(axes: axes, keepDims: true)
    return [isExtreme * (upstream / ties).broadcast(to: x.shape)]
  }
  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors {
    operation == .sum ? .sum(terms: context.inputs[0].count / max(1, context.shape.reduce(1, *))) : .result
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    switch context.dtype {
    case .float32, .float64: try reduceFloating(context)
    case .int32: try reduceIntegers(context, Int32.self)
    case .int64: try reduceIntegers(context, Int64.self)
    case .uint32: try reduceIntegers(context, UInt32.self)
    case .uint8, .bool: try reduceIntegers(context, UInt8.self)
    }
  }
  private func reduceFloating(_ context: EvaluationContext) throws -> HostArray {
    let values = context.inputs[0].doubles
    let initial: Double = operation == .sum ? 0 : operation == .maximum ? -.infinity : .infinity
    let result = reduce(values, context, initial) { a, b in
      switch operation {
      case .sum: a + b
      case .maximum: a.isNaN || b.isNaN ? .nan : max(a, b)
      case .minimum: a.isNaN || b.isNaN ? .nan : min(a, b)
      }
    }
    return context.dtype == .float64
      ? try HostArray(result, shape: context.shape) : try HostArray(result.map { Float($0) }, shape: context.shape)
  }
  private func reduceIntegers<T: FixedWidthInteger & ArrayScalar>(
    _ context: EvaluationContext, _ type: T.Type
  ) throws -> HostArray {
    let initial: T = operation == .sum ? 0 : operation == .maximum ? .min : .max
    let values: [T] = try context.inputs[0].values()
    return try HostArray(
      reduce(values, context, initial) { a, b in
        switch operation {
        case .sum: a &+ b
        case .maximum: max(a, b)
        case .minimum: min(a, b)
        }
      }, shape: context.shape)
  }
  private func reduce<T>(_ values: [T], _ context: EvaluationContext, _ initial: T, _ combine: (T, T) -> T) -> [T] {
    let operand = context.inputs[0].shape
    let kept = operand.indices.filter { !axes.contains($0) }
    let strides = rowMajorStrides(context.shape)
    var result = [T](repeating: initial, count: context.shape.reduce(1, *))
    var from = 0
    forEachIndex(operand) { index in
      var to = 0
      for (position, axis) in kept.enumerated() { to += index[axis] * strides[position] }
      result[to] = combine(result[to], values[from])
      from += 1
    }
    return result
  }
  public static let samples = Operation.allCases.flatMap { operation in
    [
      PrimitiveSample(Reduce(operation, axes: [1]), [TensorType(.float32, [3, 37])]),
      PrimitiveSample(Reduce(operation, axes: [0]), [TensorType(.float32, [5, 17])]),
      PrimitiveSample(Reduce(operation, axes: [0, 2]), [TensorType(.float64, [3, 4, 5])]),
      PrimitiveSample(
        Reduce(operation, axes: [0, 1]), [TensorType(.int32, [3, 19])], range: -9...9, isDifferentiable: false),
    ]
  }
}
