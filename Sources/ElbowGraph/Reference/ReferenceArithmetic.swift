import ElbowArrays

/// How the reference evaluator computes what a program declares as floating point.
public enum ReferenceArithmetic: Sendable {
  /// Each result is rounded to the dtype that it is declared with.
  case declared
  /// In float64, whatever is declared: what the program means. Only the range of the declared dtype is kept, so that what
  /// overflows there is infinite here, too.
  case wide
  /// In float64, with results that are off at random as they could be in the declared dtype; see ``RandomRounding``.
  case rounded(RandomRounding)
}

extension ReferenceArithmetic {
  /// The dtype in which values of a declared dtype are held.
  func held(_ declared: DType) -> DType {
    if case .declared = self { return declared }
    return declared == .float32 ? .float64 : declared
  }

  /// A value from outside, exactly, in the dtype in which it is held.
  func input(_ value: HostArray) throws -> HostArray {
    if case .declared = self { return value }
    return value.dtype == .float32 ? try HostArray(value.doubles, shape: value.shape) : value
  }

  /// The arithmetic inside one of a program's nodes, or one of a loop's steps: random numbers of its own.
  func within(_ part: Int) -> ReferenceArithmetic {
    if case .rounded(let rounding) = self { .rounded(rounding.within(part)) } else { self }
  }

  /// The value of an operation.
  func evaluate(_ primitive: any Primitive, _ context: EvaluationContext, declared: DType) throws -> HostArray {
    switch self {
    case .declared: return try primitive.evaluate(context)
    case .wide:
      let value = try input(primitive.evaluate(context))
      return declared == .float32 ? try HostArray(value.doubles.map(inFloatRange), shape: value.shape) : value
    case .rounded(let rounding): return try rounding.evaluate(primitive, context, declared: declared)
    }
  }
}

/// The number, but infinite or 0 where a float would be.
private func inFloatRange(_ value: Double) -> Double {
  let float = Float(value)
  return float.isFinite && float != 0 ? value : Double(float)
}
