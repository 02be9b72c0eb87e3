import Foundation

/// One axis of a plot: the values that it shows, where each of them lies, and its round numbers.
struct Axis: Sendable {
  /// From the low end to the high end; never empty, and positive on a logarithmic axis.
  let range: ClosedRange<Double>
  /// Whether equal factors are equally far apart.
  let isLogarithmic: Bool
  let ticks: Ticks

  /// - Parameters:
  ///   - wish: The range that was asked for; without it the axis holds all values, and a margin.
  ///   - values: What is to be shown; on a logarithmic axis those that are not positive are left out.
  ///   - margin: A share of the range.
  ///   - tickCount: About how many round numbers there are to be.
  ///   - isWhole: Whether only whole numbers make sense.
  init(
    _ wish: ClosedRange<Double>?, _ values: [Double], margin: Double, isLogarithmic: Bool = false, tickCount: Int,
    isWhole: Bool = false
  ) {
    let shown = isLogarithmic ? values.filter { $0 > 0 }.map(log10) : values
    let ends = (wish?.lowerBound, wish?.upperBound)
    // A bound that has no logarithm is none.
    let wanted = isLogarithmic ? (Axis.logarithm(ends.0), Axis.logarithm(ends.1)) : ends
    let linear = Axis.range(wanted, shown, margin: wish == nil ? margin : 0)
    self.isLogarithmic = isLogarithmic
    range = isLogarithmic ? pow(10, linear.lowerBound)...pow(10, linear.upperBound) : linear
    ticks =
      isLogarithmic
      ? Ticks(logarithmic: range, count: tickCount) : Ticks(range, count: tickCount, isWhole: isWhole)
  }

  /// How far along the axis a value lies: 0 at the low end, 1 at the high end; NaN for one that has no place.
  func share(of value: Double) -> Double {
    guard isLogarithmic else { return (value - range.lowerBound) / (range.upperBound - range.lowerBound) }
    guard value > 0 else { return .nan }
    return log(value / range.lowerBound) / log(range.upperBound / range.lowerBound)
  }

  private static func logarithm(_ value: Double?) -> Double? { value.flatMap { $0 > 0 ? log10($0) : nil } }

  private static func range(
    _ wish: (low: Double?, high: Double?), _ values: [Double], margin: Double
  ) -> ClosedRange<Double> {
    var (low, high) = (wish.low ?? values.min() ?? 0, wish.high ?? values.max() ?? 1)
    // Half of the range of doubles, so that the difference is finite.
    (low, high) = (max(low, -1e300), min(high, 1e300))
    guard low.isFinite, high.isFinite, low < high else {
      let center = low.isFinite ? low : 0
      let reach = max(abs(center) * 0.1, 1)
      return center - reach...center + reach
    }
    let extra = (high - low) * margin
    return low - extra...high + extra
  }
}
