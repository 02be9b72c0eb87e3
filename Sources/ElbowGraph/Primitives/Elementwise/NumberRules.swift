import ElbowArrays

/// A function of one number of any numeric dtype, for the reference evaluator.
protocol NumberRule {
  func floating<T: ReferenceFloat>(_ x: T) -> T
  func integer<T: FixedWidthInteger>(_ x: T) -> T
}

/// A function of two numbers of one numeric dtype, for the reference evaluator.
protocol NumberPairRule {
  func floating<T: ReferenceFloat>(_ x: T, _ y: T) -> T
  func integer<T: FixedWidthInteger>(_ x: T, _ y: T) -> T
}

extension EvaluationContext {
  func mapNumbers(_ rule: some NumberRule) throws -> HostArray {
    switch inputs[0].dtype {
    case .float32: try map { (x: Float) in rule.floating(x) }
    case .float64: try map { (x: Double) in rule.floating(x) }
    case .int32: try map { (x: Int32) in rule.integer(x) }
    case .int64: try map { (x: Int64) in rule.integer(x) }
    case .uint32: try map { (x: UInt32) in rule.integer(x) }
    case .uint8, .bool: try map { (x: UInt8) in rule.integer(x) }
    }
  }
  func mapNumbers(_ rule: some NumberPairRule) throws -> HostArray {
    switch inputs[0].dtype {
    case .float32: try map { (x: Float, y: Float) in rule.floating(x, y) }
    case .float64: try map { (x: Double, y: Double) in rule.floating(x, y) }
    case .int32: try map { (x: Int32, y: Int32) in rule.integer(x, y) }
    case .int64: try map { (x: Int64, y: Int64) in rule.integer(x, y) }
    case .uint32: try map { (x: UInt32, y: UInt32) in rule.integer(x, y) }
    case .uint8, .bool: try map { (x: UInt8, y: UInt8) in rule.integer(x, y) }
    }
  }
}

extension Primitive {
  func requireNumbers(_ operands: [TensorType]) throws(OperandError) {
    for operand in operands where operand.dtype == .bool {
      throw OperandError(.dtype, "it needs numbers, but found bool; convert with cast(to:)")
    }
  }
}

struct NegateRule: NumberRule {
  func floating<T: ReferenceFloat>(_ x: T) -> T { -x }
  func integer<T: FixedWidthInteger>(_ x: T) -> T { 0 &- x }
}

struct AbsoluteRule: NumberRule {
  func floating<T: ReferenceFloat>(_ x: T) -> T { x.magnitude }
  func integer<T: FixedWidthInteger>(_ x: T) -> T { x < 0 ? 0 &- x : x }
}
