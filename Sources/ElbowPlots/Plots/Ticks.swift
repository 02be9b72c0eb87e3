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

  private init(values: [Double], labels: [String]) {
    self.values = values
    self.labels = labels
  }

  /// Those of a logarithmic axis: powers of ten, between them twice and five times as much where there is room, and evenly
  /// spaced numbers where the range has too few of these.
  ///
  /// - Parameters:
  ///   - range: The range that the axis shows, of positive numbers.
  ///   - count: About how many there are to be.
  init(logarithmic range: ClosedRange<Double>, count: Int) {
    let exponents = (log10(range.lowerBound).rounded(.down), log10(range.upperBound).rounded(.up))
    let decades = exponents.1 - exponents.0
    guard range.lowerBound > 0, decades.isFinite, decades < 1000 else {
      self.init(range, count: count)
      return
    }
    let factors = decades * 3 <= Double(2 * count) ? [1.0, 2, 5] : [1]
    // More decades than numbers: every second power, or third.
    let every = max(1, Int((decades / Double(max(count, 1))).rounded(.up)))
    let powers = stride(from: Int(exponents.0), through: Int(exponents.1), by: every).map { pow(10, Double($0)) }
    let round = powers.flatMap { power in factors.map { $0 * power } }.filter { range.contains($0) }
    guard round.count >= 3 else {
      self.init(range, count: count)
      return
    }
    self.init(values: round, labels: round.map { Ticks.label($0, step: $0) })
  }

  /// 1, 2 or 5 times a power of ten, the first that is not less.
  static func step(_ least: Double) -> Double {
    guard least > 0, least.isFinite else { return 1 }
    let power = pow(10, log10(least).rounded(.down))
    return ([1, 2, 5].map { $0 * power }.first { $0 >= least * 0.999 }) ?? 10 * power
  }

  /// A number with as many digits as tell ticks apart.
  static func label(_ value: Double, step: Double) -> String {
    if abs(value) < step / 2 { return "0" }
    if abs(value) >= 1e6 || step < 1e-4 { return String(format: "%.3g", value) }
    return String(format: "%.\(max(0, Int(-log10(step).rounded(.down))))f", value)
  }
}
