import ElbowArrays
import ElbowCTree
import ElbowGraph

/// How each scalar operation is written on vectors.
enum VectorExpressions {
  /// - Parameter operandDType: The dtype of the last operand, where it may differ from the result's.
  static func expression(
    _ operation: ScalarOperation, _ operands: [CExpression], _ dtype: DType, operandDType: DType?
  ) -> CExpression {
    let suffix = dtype.suffix
    func call(_ name: String) -> CExpression { .call("el_\(name)_\(suffix)", operands) }
    /// Comparisons give masks and are named after what they compare.
    func compare(_ name: String) -> CExpression { .call("el_\(name)_\((operandDType ?? dtype).suffix)", operands) }
    switch operation {
    case .add: return dtype.isFloatingPoint ? .binary(.plus, operands[0], operands[1]) : call("add")
    case .subtract: return dtype.isFloatingPoint ? .binary(.minus, operands[0], operands[1]) : call("sub")
    case .multiply: return dtype.isFloatingPoint ? .binary(.times, operands[0], operands[1]) : call("mul")
    case .divide: return dtype.isFloatingPoint ? .binary(.over, operands[0], operands[1]) : call("div")
    case .remainder: return call("rem")
    case .minimum: return call("min")
    case .maximum: return call("max")
    case .power: return call("pow")
    case .negate: return dtype.isFloatingPoint ? .unary(.minus, operands[0]) : call("neg")
    case .absolute: return call("abs")
    case .and: return call("and")
    case .or: return call("or")
    case .exclusiveOr: return call("xor")
    case .shiftLeft: return call("shl")
    case .shiftRight: return call("shr")
    case .not: return call("not")
    case .less: return compare("lt")
    case .lessOrEqual: return compare("le")
    case .equal: return compare("eq")
    case .notEqual: return compare("ne")
    case .select: return call("select")
    case .cast: return .call("el_\(suffix)_from_\((operandDType ?? dtype).suffix)", operands)
    case .function(let function): return call(function.name)
    case .constant(let constant): return .call("el_splat_\(suffix)", [literal(constant.value, dtype)])
    case .extent(let dimension): return .call("el_splat_\(suffix)", [.cast(dtype.cType, dimension.c)])
    case .operand, .position, .random: return 0  // Resolved when the kernel was built.
    }
  }

  static func literal(_ value: Double, _ dtype: DType) -> CExpression {
    switch dtype {
    case .float32: return .floating(value, isDouble: false)
    case .float64: return .floating(value, isDouble: true)
    case .uint32: return .unsigned(UInt32(clamping: Int(value)))
    default: return .integer(Int(exactly: value.rounded(.towardZero)) ?? 0)
    }
  }
}
