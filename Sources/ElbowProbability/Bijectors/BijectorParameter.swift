import ElbowArrays
import ElbowGraph

/// A parameter of a bijector: a tensor, which may be a variable or a function of variables, or numbers, which become a
/// constant of the graph and dtype that the bijector is applied to.
public struct BijectorParameter {
  /// The label that it is given by.
  public let name: String
  /// The value that was given.
  public let value: any TensorLike
  /// How many of its last axes describe one event; those before are batch axes.
  public let eventNDims: Int
  /// The set that it lies in.
  public let constraint: ParameterConstraint
  /// Whether its last two axes have the same extent.
  let isSquare: Bool

  /// A parameter of a bijector's constructor.
  public init(
    _ name: String, _ value: some TensorLike, _ constraint: ParameterConstraint = .real, eventNDims: Int = 0,
    isSquare: Bool = false
  ) {
    self.name = name
    self.value = value
    self.eventNDims = eventNDims
    self.constraint = constraint
    self.isSquare = isSquare
  }

  /// The parameter for formulas of x.
  public func tensor(like x: Tensor) -> Tensor { value.tensor(in: x.graph, dtype: x.dtype) }

  /// The tensor given; nil if numbers were.
  var givenTensor: Tensor? { (value as? any TensorConvertible)?.tensor }

  /// Checks it against those in the table.
  func add(to table: inout ParameterTable) {
    let tensor = table.add(name, value, constraint, eventNDims: eventNDims)
    if isSquare, tensor.isValid, tensor.rank >= 2, !tensor.shape[-1].canEqual(tensor.shape[-2]) {
      _ = table.fail(.shape, "the parameter '\(name)' has the shape \(tensor.shape), but needs square matrices")
    }
  }

  /// Checks that vectors of a shape have the extent of the parameter's last axis.
  func checkSize(_ shape: Shape) throws(OperandError) {
    guard eventNDims > 0, let tensor = givenTensor, tensor.isValid, !shape[-1].canEqual(tensor.shape[-1]) else {
      return
    }
    throw OperandError(
      .shape, "its last axis must have the extent \(tensor.shape[-1]) of the parameter '\(name)', \(tensor.type)")
  }
}
