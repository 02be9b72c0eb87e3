import ElbowArrays

/// The type of a tensor, known before it has a value: its dtype and shape.
public struct TensorType: Sendable, Hashable, CustomStringConvertible {
  /// The type of the elements.
  public var dtype: DType
  /// The extents, outermost first.
  public var shape: Shape

  /// A type of a dtype and a shape.
  public init(_ dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }

  /// `float32[n, 28, 28]`.
  public var description: String { "\(dtype)\(shape)" }
}

/// Why a primitive refuses its operands. The graph adds the operation, its operands and the user's line.
public struct OperandError: Error, Sendable, Hashable {
  /// The kind of mistake.
  public var kind: ElbowError.Kind
  /// The reason, as a part of a sentence: "it needs integers, but found float32".
  public var message: String

  /// A refusal of a kind, with its reason.
  public init(_ kind: ElbowError.Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}
