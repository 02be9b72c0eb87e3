import ElbowArrays

/// A computation on lists of numbers that floating-point and integer arrays share: the former are computed in `Double`, the
/// latter in `Int64`, and both are converted to the result's dtype at the end.
protocol NumberListRule {
  func apply<T: ReferenceNumber>(_ operands: [[T]]) -> [T]
}

/// A number that the reference evaluator adds and compares.
protocol ReferenceNumber: Comparable, ExpressibleByIntegerLiteral {
  func added(_ other: Self) -> Self
  var isNotANumber: Bool { get }
}

extension Double: ReferenceNumber {
  func added(_ other: Double) -> Double { self + other }
  var isNotANumber: Bool { isNaN }
}

extension Int64: ReferenceNumber {
  func added(_ other: Int64) -> Int64 { self &+ other }
  var isNotANumber: Bool { false }
}

extension EvaluationContext {
  /// The result of a rule on the first operands, as many as `count`, which share their dtype.
  func applyNumbers(_ rule: some NumberListRule, operands count: Int) throws -> HostArray {
    let operands = inputs.prefix(count)
    guard operands.first?.dtype.isFloatingPoint != true else { return try floats(rule.apply(operands.map(\.doubles))) }
    return try HostArray(rule.apply(try operands.map { try $0.cast(to: .int64).values(as: Int64.self) }), shape: shape)
      .cast(to: dtype)
  }

  /// A floating-point result.
  func floats(_ values: [Double]) throws -> HostArray {
    dtype == .float64 ? try HostArray(values, shape: shape) : try HostArray(values.map { Float($0) }, shape: shape)
  }
}
