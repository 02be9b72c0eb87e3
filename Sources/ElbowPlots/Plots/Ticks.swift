import Foundation

/// Round numbers along an axis, and how they are written.
struct Ticks: Sendable, Hashable {
  let values: [Double]
  let labels: [String]

  /// - Parameters:
  ///   - range: The range that the axis shows.
  ///   - count: About how many there are to be.
  ///   - isWhole: Whether only whole numbers make sense.
  init(_ range: ClosedRange<Double>, count: Int, isWhole: Bool = false) {
    let span = range.upperBound - range.lowerBound
    var step = Ticks.step(span / Double(max(count, 1)))
    if isWhole { step = max(step, 1) }
    let first = (range.lowerBound / step).rounded(.up)
    let last = (range.upperBound / step).rounded(.down)
    guard span > 0, step.isNormal, first.isFinite, last >= first, last - first < 1000 else {
      values = []
      labels = []
      return
    }
    values = (0...Int(last - first)).map { (first + Double($0)) * step }
    labels = values.map { Ticks.label($0, step: step) }
  }

  /// 1, 2 or 5 times a power of ten, the first that is not less.
  static func step(_ least: Double) -> Double {
    guard least > 0, least.isFinite else { return 1 }
    let power = pow(10, log10(least).rounded(.down))
    return ([1, 2, 5].map { $0 * power }.first { $0 >= least * 0.999 }) ?? 10 * power
  }

  /// A number with as many digits as tell ticks apart.
  static func label(_ value: Double, step: Double) -> String {
    if value == 0 { return "0" }
    if abs(value) >= 1e6 || step < 1e-4 { return String(format: "%.3g", value) }
    return String(format: "%.\(max(0, Int(-log10(step).rounded(.down))))f", value)
  }
}
