import ElbowArrays

/// How far a value may be from what is expected.
public struct Tolerance: Sendable {
  public var relative: Double
  /// A floor for values that are zero but for the last digits of what was subtracted.
  public var absolute: Double
  /// Whether NaN in the expectation stands for "TFP fails here": then anything but NaN will do.
  public var anyForNaN: Bool

  public init(relative: Double, absolute: Double = 0, anyForNaN: Bool = false) {
    self.relative = relative
    self.absolute = absolute
    self.anyForNaN = anyForNaN
  }

  public func accepts(_ actual: Double, _ expected: Double) -> Bool {
    if expected.isNaN { return anyForNaN ? !actual.isNaN : actual.isNaN }
    if expected.isInfinite || actual.isInfinite { return actual == expected }
    return abs(actual - expected) <= Swift.max(absolute, relative * abs(expected))
  }
}

/// The difference between an array and what is expected of it, in words; nil if there is none.
///
/// - Parameter positions: Which elements to compare; all if nil.
public func difference(
  _ actual: HostArray?, _ expected: GoldenTensor, _ tolerance: Tolerance, at positions: [Int]? = nil
) -> String? {
  guard let actual else { return "there is no such result" }
  guard actual.shape == expected.shape else { return "the shape is \(actual.shape), expected \(expected.shape)" }
  let values = actual.doubles
  let wrong = (positions ?? [Int](values.indices)).filter { !tolerance.accepts(values[$0], expected.values[$0]) }
  guard let first = wrong.first else { return nil }
  let details = wrong.prefix(4).map { "[\($0)] \(values[$0]), expected \(expected.values[$0])" }.joined(separator: "; ")
  let relative = abs(values[first] - expected.values[first]) / abs(expected.values[first])
  return "\(wrong.count) of \(values.count) elements differ: \(details) (relative \(relative))"
}
