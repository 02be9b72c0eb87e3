import ElbowArrays

/// Where along an axis the largest or the smallest element is, as int32: the first of several. NaN counts as the extreme, as
/// it does in ``Reduce``. There is no gradient.
public struct ArgReduce: LoopPrimitive {
  public static let name = "arg_reduce"

  /// The extremes whose position can be found.
  public enum Operation: String, Sendable, CaseIterable {
    case maximum, minimum
  }

  /// The extreme whose position is found.
  public let operation: Operation
  /// The axis searched, counted from the start, which the result no longer has.
  public let axis: Int

  /// The position of an extreme of numbers along an axis, counted from the start; an empty axis is refused.
  public init(_ operation: Operation, axis: Int) {
    self.operation = operation
    self.axis = axis
  }
  public init(attributes: Attributes) throws {
    let name = try attributes.string("operation")
    guard let operation = Operation(rawValue: name) else {
      throw ElbowError(.file, "There is no position of a '\(name)'.")
    }
    self.init(operation, axis: try attributes.integer("axis"))
  }
  public var attributes: Attributes { ["operation": .string(operation.rawValue), "axis": .integer(axis)] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    try requireNumbers(operands)
    var shape = operands[0].shape
    try requireAxis(axis, of: shape)
    let extent = shape.dimensions.remove(at: axis)
    if let value = extent.value, value < 1 || value > Int(Int32.max) {
      throw OperandError(.shape, "axis \(axis) has the extent \(value), in which no int32 is a position")
    }
    return TensorType(.int32, shape)
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [nil] }
  public func lower(operands: [TensorType], result: TensorType) -> LoopNest {
    .build(operands, result, independentAxes: result.shape.rank) { nest in
      func element(_ k: LoopIndex) -> LoopValue {
        var index = nest.position
        index.insert(k, at: axis)
        return nest.load(0, index)
      }
      let extreme = nest.local(element(0))
      let found = nest.local(nest.constant(0, .int32))
      nest.loop(from: 1, to: .extent(operands[0].shape.dimensions[axis])) { k in
        let x = nest.local(element(k))
        let isFurther = operation == .maximum ? extreme < x : x < extreme
        let isFirstNaN = (x .!= x) .& (extreme .== extreme)
        nest.when(operands[0].dtype.isFloatingPoint ? isFurther .| isFirstNaN : isFurther) {
          nest.assign(extreme, x)
          nest.assign(found, .position(k, .int32))
        }
      }
      nest.store(found, at: nest.position)
    }
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let operand = context.inputs[0]
    let positions =
      operand.dtype.isFloatingPoint
      ? positions(operand.doubles, operand.shape)
      : positions(try operand.cast(to: .int64).values(as: Int64.self), operand.shape)
    return try HostArray(positions, shape: context.shape)
  }
  private func positions<T: ReferenceNumber>(_ values: [T], _ shape: [Int]) -> [Int32] {
    let (count, step) = (shape[axis], rowMajorStrides(shape)[axis])
    return values.indices.filter { $0 / step % count == 0 }.map { start in
      var best = 0
      for position in 1..<max(1, count) {
        let (x, extreme) = (values[start + position * step], values[start + best * step])
        if extreme.isNotANumber { break }
        if x.isNotANumber || (operation == .maximum ? x > extreme : x < extreme) { best = position }
      }
      return Int32(truncatingIfNeeded: best)
    }
  }
  public static let samples = Operation.allCases.flatMap { operation in
    [
      PrimitiveSample(ArgReduce(operation, axis: 1), [TensorType(.float32, [3, 17])], isDifferentiable: false),
      PrimitiveSample(
        ArgReduce(operation, axis: 0), [TensorType(.int32, [7, 3])], range: -2...2, isDifferentiable: false),
    ]
  }
}
