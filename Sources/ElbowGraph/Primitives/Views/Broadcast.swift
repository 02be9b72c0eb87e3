import ElbowArrays

/// The operand stretched to a shape: its axes are aligned with the last ones, and extents of 1 are repeated.
public struct Broadcast: ViewPrimitive {
  public static let name = "broadcast"
  /// The shape of the result.
  public let shape: Shape

  /// The operand stretched to `shape`; axes that neither have its extents nor the extent 1 are refused.
  public init(to shape: Shape) { self.shape = shape }
  public init(attributes: Attributes) throws { shape = try attributes.shape("shape") }
  public var attributes: Attributes { ["shape": .shape(shape)] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 1)
    let operand = operands[0].shape
    guard operand.rank <= shape.rank else {
      throw OperandError(.shape, "rank \(operand.rank) does not broadcast to \(shape)")
    }
    for (from, to) in zip(operand.dimensions.reversed(), shape.dimensions.reversed()) where from != to && from != 1 {
      throw OperandError(.shape, "the extent \(from) does not stretch to \(to) of \(shape)")
    }
    return TensorType(operands[0].dtype, shape)
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] {
    [context.upstream.sumToShape(context.inputs[0].shape)]
  }
  public func operandIndex(
    of index: [LinearIndex], operand: Shape, result: Shape, loops: inout any LoopSplitter
  ) -> [LinearIndex]? {
    operand.dimensions.enumerated().map { axis, extent in
      extent == 1 ? LinearIndex() : index[axis + result.rank - operand.rank]
    }
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let operand = context.inputs[0].shape
    let offset = context.shape.count - operand.count
    return try context.gathered { index, source in
      for axis in operand.indices { source[axis] = operand[axis] == 1 ? 0 : index[axis + offset] }
    }
  }
  public static let samples = [
    PrimitiveSample(Broadcast(to: [3, 4, 5]), [TensorType(.float32, [4, 1])]),
    PrimitiveSample(Broadcast(to: [3, 17]), [TensorType(.float64, [])]),
    PrimitiveSample(Broadcast(to: [6, 17]), [TensorType(.float32, [17])]),
  ]
}

extension EvaluationContext {
  /// The result whose element at `index` is the operand's at the position that `position` writes into its second argument.
  func gathered(_ position: (_ index: [Int], _ source: inout [Int]) -> Void) throws -> HostArray {
    let operand = inputs[0]
    let width = dtype.byteCount
    let strides = rowMajorStrides(operand.shape)
    var bytes = [UInt8](repeating: 0, count: try HostArray.byteCount(dtype: dtype, shape: shape))
    var source = [Int](repeating: 0, count: operand.shape.count)
    var offset = 0
    forEachIndex(shape) { index in
      position(index, &source)
      var from = 0
      for axis in source.indices { from += source[axis] * strides[axis] }
      for byte in 0..<width { bytes[offset + byte] = operand.bytes[from * width + byte] }
      offset += width
    }
    return try HostArray(dtype: dtype, shape: shape, bytes: bytes)
  }
}

/// How far apart, in elements, neighbours along each axis of a dense array lie.
public func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
  return strides
}

/// Calls `body` with every index of an array of the given shape, in row-major order.
public func forEachIndex(_ shape: [Int], _ body: ([Int]) throws -> Void) rethrows {
  guard shape.allSatisfy({ $0 > 0 }) else { return }
  var index = [Int](repeating: 0, count: shape.count)
  while true {
    try body(index)
    var axis = shape.count - 1
    while axis >= 0 {
      index[axis] += 1
      if index[axis] < shape[axis] { break }
      index[axis] = 0
      axis -= 1
    }
    if axis < 0 { return }
  }
}
