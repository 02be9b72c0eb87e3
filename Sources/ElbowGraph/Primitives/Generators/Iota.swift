import ElbowArrays

/// The position along an axis: 0, 1, 2, ...
public struct Iota: GeneratingPrimitive {
  public static let name = "iota"
  /// The axis, counted from the start, along which positions are numbered.
  public let axis: Int
  /// The type of the result; bool is refused.
  public let type: TensorType

  /// The positions along an axis, counted from the start, of an array of a type, which is not bool.
  public init(axis: Int, type: TensorType) {
    self.axis = axis
    self.type = type
  }
  public init(attributes: Attributes) throws {
    axis = try attributes.integer("axis")
    type = TensorType(try attributes.dtype("dtype"), try attributes.shape("shape"))
  }
  public var attributes: Attributes {
    ["axis": .integer(axis), "dtype": .dtype(type.dtype), "shape": .shape(type.shape)]
  }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 0)
    guard (0..<type.shape.rank).contains(axis) else { throw OperandError(.shape, "\(type.shape) has no axis \(axis)") }
    guard type.dtype != .bool else { throw OperandError(.dtype, "positions are numbers, not bool") }
    return type
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [] }
  public func lower(
    axes: [ScalarValue], position: ScalarValue, _ dtype: DType, into builder: inout ScalarBuilder
  ) -> ScalarValue {
    builder.cast(axes[axis], dtype)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    var values: [Int64] = []
    forEachIndex(context.shape) { values.append(Int64($0[axis])) }
    return try HostArray(values, shape: context.shape).cast(to: context.dtype)
  }
  public static let samples = [
    PrimitiveSample(Iota(axis: 1, type: TensorType(.float32, [3, 17])), []),
    PrimitiveSample(Iota(axis: 0, type: TensorType(.int32, [5, 3])), []),
  ]
}

extension HostArray {
  /// The elements converted as `Cast` does.
  package func cast(to dtype: DType) throws -> HostArray {
    if dtype == self.dtype { return self }
    return try Cast(to: dtype).evaluate(
      EvaluationContext(inputs: [self], dtype: dtype, shape: shape, bindings: [:], random: RandomState(seed: 0)))
  }
}
