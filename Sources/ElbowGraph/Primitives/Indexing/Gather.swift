import ElbowArrays

/// Elements taken along an axis at positions that the second operand gives: `take`.
///
/// y[a..., i..., b...] = x[a..., indices[i...], b...]: the indices' axes come in the place of the axis. Indices are int32 or
/// int64. One that is out of range counts as the nearest that is not, so that nothing outside the operand is read.
public struct Gather: LoopPrimitive {
  public static let name = "gather"
  /// The axis of the first operand, counted from the start, in whose place those of the indices come.
  public let axis: Int

  /// Elements taken along an axis, counted from the start; an empty axis is refused.
  public init(axis: Int) { self.axis = axis }
  public init(attributes: Attributes) throws { axis = try attributes.integer("axis") }
  public var attributes: Attributes { ["axis": .integer(axis)] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 2)
    let (x, indices) = (operands[0], operands[1])
    try requireAxis(axis, of: x.shape)
    try requireIndices(indices.dtype)
    if x.shape.dimensions[axis] == 0 { throw OperandError(.shape, "axis \(axis) of \(x.shape) is empty") }
    return TensorType(x.dtype, x.shape[0..<axis] + indices.shape + x.shape[axis + 1..<x.shape.rank])
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    let x = context.inputs[0]
    guard x.dtype.isFloatingPoint else { return [nil, nil] }
    let rule = ScatterAdd(axis: axis, extent: x.shape.dimensions[axis])
    return [x.graph.apply(rule, [context.upstream, context.inputs[1]]), nil]
  }
  public func lower(operands: [TensorType], result: TensorType) -> LoopNest {
    let (x, indices) = (operands[0].shape, operands[1].shape)
    return .build(operands, result, independentAxes: axis + indices.rank) { nest in
      let outer = [LoopIndex](nest.position[..<axis])
      let index = LoopIndex.value(nest.load(1, [LoopIndex](nest.position[axis...])))
      let from = LoopIndex.value(nest.local(.position(index.clamped(to: x.dimensions[axis]), .int64)))
      nest.loops(over: x.dimensions[(axis + 1)...]) { rest in
        nest.store(nest.load(0, outer + [from] + rest), at: nest.position + rest)
      }
    }
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let x = context.inputs[0]
    let positions = try context.inputs[1].positions(below: x.shape[axis])
    let block = x.shape[(axis + 1)...].reduce(x.dtype.byteCount, *)
    var bytes: [UInt8] = []
    for outer in 0..<x.shape[..<axis].reduce(1, *) {
      for position in positions {
        let start = (outer * x.shape[axis] + position) * block
        bytes += x.bytes[start..<start + block]
      }
    }
    return try HostArray(dtype: context.dtype, shape: context.shape, bytes: bytes)
  }
  public static let samples = [
    PrimitiveSample(Gather(axis: 0), [TensorType(.float32, [5, 3]), TensorType(.int32, [7])], range: 0...4),
    PrimitiveSample(Gather(axis: 1), [TensorType(.float64, [2, 5, 3]), TensorType(.int64, [4, 2])], range: -2...6),
    PrimitiveSample(Gather(axis: 1), [TensorType(.float32, [3, 5]), TensorType(.int32, [])], range: 0...4),
    PrimitiveSample(
      Gather(axis: 0), [TensorType(.uint8, [5, 3]), TensorType(.int32, [7])], range: 0...4, isDifferentiable: false),
  ]
}

extension Primitive {
  func requireIndices(_ dtype: DType) throws(OperandError) {
    guard dtype == .int32 || dtype == .int64 else {
      throw OperandError(.dtype, "its indices must be int32 or int64, but are \(dtype)")
    }
  }
}

extension HostArray {
  /// The elements as positions, moved into `0..<extent`.
  func positions(below extent: Int) throws -> [Int] {
    try cast(to: .int64).values(as: Int64.self).map { Int(min(max($0, 0), Int64(extent) - 1)) }
  }
}
