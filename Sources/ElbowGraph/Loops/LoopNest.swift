import ElbowArrays

/// A primitive that lowers to loops of its own: what is neither elementwise, nor a view, a reduction or a contraction.
public protocol LoopPrimitive: Primitive {
  /// The loops that compute the result. They write every element of it, and read only what they have written.
  func lower(operands: [TensorType], result: TensorType) -> LoopNest
}

/// Loops over positions and scalars that compute one array from others, still not C.
///
/// The result's first `independentAxes` axes are independent of each other: whoever runs the nest supplies loops over them,
/// in any order, over any part, in parallel; their positions are the loop variables `0..<independentAxes`. For each such
/// position `body` computes the elements there, in its own order.
public struct LoopNest: Sendable, Hashable {
  /// How many of the result's first axes the surrounding loops run over.
  public var independentAxes: Int
  /// The number of loop variables, those of the independent axes included. Each is bound by one loop.
  public var variableCount: Int
  /// The dtypes of the local scalars. Each is declared by one statement and lives to the end of that statement's block.
  public var locals: [DType]
  /// The statements run for each position along the independent axes.
  public var body: [LoopStatement]

  /// A nest written down by hand; `LoopNest.build` does it from an algorithm.
  ///
  /// - Parameters:
  ///   - independentAxes: How many of the result's first axes the surrounding loops run over.
  ///   - variableCount: The number of loop variables, those of the independent axes included.
  ///   - locals: The dtypes of the local scalars, by number.
  ///   - body: The statements for one position along the independent axes.
  public init(independentAxes: Int, variableCount: Int, locals: [DType], body: [LoopStatement]) {
    self.independentAxes = independentAxes
    self.variableCount = variableCount
    self.locals = locals
    self.body = body
  }
}

/// A position or extent: a 64-bit integer.
public indirect enum LoopIndex: Sendable, Hashable {
  /// A constant or the value of a symbolic extent.
  case extent(Dimension)
  /// A loop variable, by number.
  case variable(Int)
  case sum(LoopIndex, LoopIndex)
  case difference(LoopIndex, LoopIndex)
  case product(LoopIndex, LoopIndex)
  /// The quotient rounded down; the divisor is positive.
  case quotient(LoopIndex, Dimension)
  /// The remainder of the rounded-down quotient, never negative; the divisor is positive.
  case remainder(LoopIndex, Dimension)
  case minimum(LoopIndex, LoopIndex)
  case maximum(LoopIndex, LoopIndex)
  /// The value of a scalar of integer dtype.
  case value(LoopValue)
}

/// A scalar.
public indirect enum LoopValue: Sendable, Hashable {
  /// A literal.
  case constant(ScalarConstant, DType)
  /// An element of an operand, with a position for each of its axes; the dtype is the operand's.
  case operand(Int, [LoopIndex], DType)
  /// An element of the result that has been stored before; the dtype is the result's.
  case result([LoopIndex], DType)
  /// A local scalar, by number.
  case local(Int, DType)
  /// A position as a number.
  case position(LoopIndex, DType)
  /// An operation on scalars, with the dtype of what it yields. Operands of one operation have the same dtype, except for
  /// `cast` and for the condition of `select`. `constant`, `operand`, `position`, `extent` and `random` do not occur.
  case apply(ScalarOperation, [LoopValue], DType)

  /// The dtype of the scalar.
  public var dtype: DType {
    switch self {
    case .constant(_, let dtype), .operand(_, _, let dtype), .result(_, let dtype), .local(_, let dtype),
      .position(_, let dtype), .apply(_, _, let dtype):
      dtype
    }
  }
}

/// One step of a nest.
public indirect enum LoopStatement: Sendable, Hashable {
  /// `body` for each position from `from` to `to - 1`, last first if `descending`; not at all if `to <= from`.
  case loop(variable: Int, from: LoopIndex, to: LoopIndex, descending: Bool, body: [LoopStatement])
  /// Writes an element of the result.
  case store([LoopIndex], LoopValue)
  /// Introduces a local scalar.
  case declare(local: Int, LoopValue)
  /// Changes a local scalar.
  case assign(local: Int, LoopValue)
  /// One or the other, by a bool scalar.
  case conditional(LoopValue, then: [LoopStatement], otherwise: [LoopStatement])
}
