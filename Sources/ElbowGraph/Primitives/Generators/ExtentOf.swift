import ElbowArrays

/// The value of an extent, a scalar: how a mean over a symbolic batch knows what to divide by.
public struct ExtentOf: GeneratingPrimitive {
  public static let name = "extent"
  /// The extent, perhaps symbolic.
  public let dimension: Dimension
  /// The dtype of the result; bool is refused.
  public let dtype: DType

  /// The value of an extent as a scalar of a dtype, which is not bool.
  public init(_ dimension: Dimension, dtype: DType) {
    self.dimension = dimension
    self.dtype = dtype
  }
  public init(attributes: Attributes) throws {
    let shape = try attributes.shape("dimension")
    guard shape.rank == 1 else { throw ElbowError(.file, "An extent is one dimension.") }
    dimension = shape[0]
    dtype = try attributes.dtype("dtype")
  }
  public var attributes: Attributes { ["dimension": .shape([dimension]), "dtype": .dtype(dtype)] }

  public func resultType(of operands: [TensorType]) throws(OperandError) -> TensorType {
    try requireCount(operands, 0)
    guard dtype != .bool else { throw OperandError(.dtype, "an extent is a number, not bool") }
    return TensorType(dtype, .scalar)
  }
  public func gradient(_ context: GradientContext) throws(OperandError) -> [Tensor?] { [] }
  public func lower(
    axes: [ScalarValue], position: ScalarValue, _ dtype: DType, into builder: inout ScalarBuilder
  ) -> ScalarValue {
    builder.emit(.extent(dimension), [], dtype)
  }
  public func evaluate(_ context: EvaluationContext) throws -> HostArray {
    guard let value = dimension.evaluated(with: context.bindings) else {
      throw ElbowError(.internal, "The extent \(dimension) is not known.")
    }
    return try HostArray(scalar: Int64(value)).cast(to: dtype)
  }
  public static let samples = [PrimitiveSample(ExtentOf(7, dtype: .float32), [])]
}
