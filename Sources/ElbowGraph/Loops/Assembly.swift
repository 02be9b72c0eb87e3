import ElbowArrays

/// How a result is put together from its operands: perhaps filled with a value, then each operand copied into its place.
public struct Assembly: Sendable, Hashable {
  /// One operand's place in the result.
  public struct Piece: Sendable, Hashable {
    /// Which operand.
    public var operand: Int
    /// Where its first element goes, by axis.
    public var starts: [Dimension]
    /// How far apart its elements go, by axis.
    public var strides: [Int]
  }
  /// The number in the places that no piece covers; nil if there are none.
  public var fill: Double?
  /// The operands' places, which do not overlap.
  public var pieces: [Piece]
}

/// A primitive that only puts operands in their places.
public protocol AssemblyPrimitive: Primitive {
  /// The places of the operands in the result, from their shapes and its own.
  func pieces(operands: [Shape], result: Shape) -> Assembly
}

extension AssemblyPrimitive {
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    let width = context.dtype.byteCount
    let shapes = context.inputs.map { Shape($0.shape) }
    let assembly = pieces(operands: shapes, result: Shape(context.shape))
    let count = try HostArray.byteCount(dtype: context.dtype, shape: context.shape) / width
    var bytes = try HostArray.filled(assembly.fill ?? 0, context.dtype, count: count).bytes
    let strides = rowMajorStrides(context.shape)
    for piece in assembly.pieces {
      let operand = context.inputs[piece.operand]
      guard let starts = Shape(piece.starts).evaluated(with: context.bindings) else {
        throw ElbowError(.internal, "A piece starts at an unknown extent.")
      }
      var from = 0
      forEachIndex(operand.shape) { index in
        var to = 0
        for axis in index.indices { to += (starts[axis] + index[axis] * piece.strides[axis]) * strides[axis] }
        for byte in 0..<width { bytes[to * width + byte] = operand.bytes[from * width + byte] }
        from += 1
      }
    }
    return try HostArray(dtype: context.dtype, shape: context.shape, bytes: bytes)
  }
}

extension HostArray {
  /// `count` equal elements, converted from `value` as a cast does.
  static func filled(_ value: Double, _ dtype: DType, count: Int) throws -> HostArray {
    let one = EvaluationContext(
      inputs: [HostArray(scalar: value)], dtype: dtype, shape: [], bindings: [:], random: RandomState(seed: 0))
    let element = try Cast(to: dtype).evaluate(one).bytes
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * element.count)
    for _ in 0..<count { bytes += element }
    return try HostArray(dtype: dtype, shape: [count], bytes: bytes)
  }
}
