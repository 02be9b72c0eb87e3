import ElbowArrays

/// The sums of all elements that share a position along a new axis; zero where there are none. The gradient of ``Gather``.
///
/// y[a..., indices[i...], b...] += x[a..., i..., b...], in the order of i. Indices out of range count as the nearest that is
/// not. Equal indices are added in row-major order, so the result is the same in every run.
public struct ScatterAdd: LoopPrimitive {
  public static let name = "scatter_add"
  /// The new axis, counted from the start, in the place of those of the indices.
  public let axis: Int
  /// The extent of the new axis.
  public let extent: Dimension

  /// Sums by position along a new axis, counted from the start, of an extent of at least 1.
  public init(axis: Int, extent: Dimension) {
    self.axis = axis
    self.extent = extent
  }
  public init(attributes: Attributes) throws {
    axis = try attributes.integer("axis")
    let shape = try attributes.shape("extent")
    guard shape.rank == 1 else { throw ElbowError(.file, "An extent is one dimension.") }
    extent = shape[0]
  }
  public var attributes: Attributes { ["axis": .integer(axis), "extent": .shape([extent])] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 2)
    let (x, indices) = (operands[0], operands[1])
    try requireNumbers([x])
    try requireIndices(indices.dtype)
    guard axis >= 0, axis <= x.shape.rank - indices.shape.rank,
      x.shape[axis..<axis + indices.shape.rank] == indices.shape
    else {
      throw OperandError(
        .shape, "the axes of \(x.shape) from \(axis) on are not those of the indices, \(indices.shape)")
    }
    guard extent.isCertainlyPositive else { throw OperandError(.shape, "the extent \(extent) may be empty") }
    return TensorType(
      x.dtype, x.shape[0..<axis] + [extent] + x.shape[axis + indices.shape.rank..<x.shape.rank])
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    [context.upstream.graph.apply(Gather(axis: axis), [context.upstream, context.inputs[1]]), nil]
  }
  public func lower(operands: [TensorType], result: TensorType) -> LoopNest {
    let inner = result.shape.dimensions[(axis + 1)...]
    return .build(operands, result, independentAxes: axis) { nest in
      nest.loops(over: result.shape.dimensions[axis...]) { nest.store(nest.constant(0), at: nest.position + $0) }
      nest.loops(over: operands[1].shape.dimensions) { index in
        let target = LoopIndex.value(nest.load(1, index)).clamped(to: extent)
        let to = LoopIndex.value(nest.local(.position(target, .int64)))
        nest.loops(over: inner) { rest in
          let at = nest.position + [to] + rest
          nest.store(nest.loadResult(at) + nest.load(0, nest.position + index + rest), at: at)
        }
      }
    }
  }
  public func roundingErrors(_ context: EvaluationContext) -> RoundingErrors {
    .sum(terms: context.inputs[1].count, isInOrder: true)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let positions = try context.inputs[1].positions(below: context.shape[axis])
    return try context.applyNumbers(Rule(axis: axis, shape: context.shape, positions: positions), operands: 1)
  }
  private struct Rule: NumberListRule {
    let axis: Int
    let shape: [Int]
    let positions: [Int]

    func apply<T: ReferenceNumber>(_ operands: [[T]]) -> [T] {
      var result = [T](repeating: 0, count: shape.reduce(1, *))
      let block = shape[(axis + 1)...].reduce(1, *)
      var from = 0
      for outer in 0..<shape[..<axis].reduce(1, *) {
        for position in positions {
          let to = (outer * shape[axis] + position) * block
          for offset in 0..<block { result[to + offset] = result[to + offset].added(operands[0][from + offset]) }
          from += block
        }
      }
      return result
    }
  }
  public static let samples = [
    PrimitiveSample(
      ScatterAdd(axis: 0, extent: 5), [TensorType(.float32, [7, 3]), TensorType(.int32, [7])], range: 0...4),
    PrimitiveSample(
      ScatterAdd(axis: 1, extent: 5), [TensorType(.float64, [2, 4, 2, 3]), TensorType(.int64, [4, 2])], range: -2...6),
    PrimitiveSample(
      ScatterAdd(axis: 0, extent: 4), [TensorType(.int32, [9]), TensorType(.int32, [9])], range: 0...3,
      isDifferentiable: false),
  ]
}
