import ElbowArrays
import ElbowGraph

/// The interval in which the elements of a distribution's values lie, as far as mistakes are likely outside of it.
public struct ValueSupport: Sendable {
  /// The interval, both ends included; the upper end is infinity where there is none.
  public let range: ClosedRange<Double>
  /// The values taken, in words for a message: "Bernoulli takes values between 0 and 1".
  let words: String

  /// Numbers between 0 and 1.
  static func unitInterval(_ owner: String) -> ValueSupport {
    ValueSupport(range: 0...1, words: "\(owner) takes values between 0 and 1")
  }
  /// Numbers of at least 0.
  static func notNegative(_ owner: String) -> ValueSupport {
    ValueSupport(range: 0...(.infinity), words: "\(owner) takes values of at least 0")
  }
  /// The numbers of classes, if that is known.
  static func classes(_ count: Dimension, _ owner: String) -> ValueSupport? {
    count.value.map {
      ValueSupport(range: 0...Double($0 - 1), words: "\(owner) takes the numbers of classes, from 0 to \($0 - 1)")
    }
  }

  /// Where a value lies in it; false for NaN.
  func holds(_ value: Tensor) -> Tensor {
    let isAbove = value >= range.lowerBound
    return range.upperBound == .infinity ? isAbove : isAbove .& (value <= range.upperBound)
  }
}
