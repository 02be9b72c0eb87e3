import ElbowArrays

/// The type of a tensor, known before it has a value: its dtype and shape.
public struct TensorType: Sendable, Hashable, CustomStringConvertible {
  public var dtype: DType
  public var shape: Shape

  public init(_ dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }

  /// `float32[n, 28, 28]`.
  public var description: String { "\(dtype)\(shape)" }
}

/// Why a primitive refuses its operands. The graph adds the operation, its operands and the user's line.
public struct OperandError: Error, Sendable, Hashable {
  public var kind: ElbowError.Kind
  public var message: String

  public init(_ kind: ElbowError.Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}
