import ElbowGraph

/// A number that an optimizer is set by, and where it has to lie.
public struct Hyperparameter: Sendable {
  /// The range that a number may have; NaN and infinity are never in it.
  public enum Range: Sendable {
    /// Above 0.
    case positive
    /// 0 or above.
    case notNegative
    /// From 0 and below 1, as a part of a running mean that stays.
    case belowOne
    /// From 0 to 1.
    case upToOne
  }

  /// The parameter's name, `beta1`.
  public let name: String
  /// The number that was given, in range or not.
  public let value: Double
  /// The range it has to lie in.
  public let range: Range

  /// A number under its name, with its range.
  public init(_ name: String, _ value: Double, _ range: Range) {
    self.name = name
    self.value = value
    self.range = range
  }

  /// Why the number makes no sense; nil if it does.
  var mistake: String? {
    let (isGood, expected) =
      switch range {
      case .positive: (value > 0 && value.isFinite, "a positive number")
      case .notNegative: (value >= 0 && value.isFinite, "at least 0 and finite")
      case .belowOne: (value >= 0 && value < 1, "from 0 and below 1")
      case .upToOne: (value >= 0 && value <= 1, "from 0 to 1")
      }
    return isGood ? nil : "\(name) is \(expected), not \(value)"
  }
}
