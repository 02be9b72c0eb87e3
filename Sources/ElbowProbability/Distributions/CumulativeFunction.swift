import ElbowArrays
import ElbowGraph

/// One of the functions that say how much lies on one side of x.
enum CumulativeFunction {
  case cdf, logCDF, survival, logSurvival

  /// Its value below the support.
  var below: Double {
    switch self {
    case .cdf: 0
    case .logCDF: -.infinity
    case .survival: 1
    case .logSurvival: 0
    }
  }
  /// Its value above the support.
  var above: Double {
    switch self {
    case .cdf: 1
    case .logCDF: 0
    case .survival: 0
    case .logSurvival: -.infinity
    }
  }
}

/// A cumulative function of x, which is constant on both sides of the support. The formula sees a safe number there, so
/// that neither it nor its gradient is infinite or NaN.
func cumulative(
  _ function: CumulativeFunction, _ x: Tensor, isBelow: Tensor, isAbove: Tensor, safe: Tensor,
  _ formula: (Tensor) -> Tensor
) -> Tensor {
  let inside = formula(select(isBelow .| isAbove, safe, x))
  return select(isBelow, x.scalar(function.below), select(isAbove, x.scalar(function.above), inside))
}

/// A cumulative function of x where the support is an interval, of whose ends neither has a probability of its own.
func cumulative(
  _ function: CumulativeFunction, _ x: Tensor, on interval: ClosedRange<Double>, safe: Double,
  _ formula: (Tensor) -> Tensor
) -> Tensor {
  cumulative(
    function, x, isBelow: x <= interval.lowerBound, isAbove: x >= interval.upperBound, safe: x.scalar(safe), formula)
}

/// The logarithm of the sum of probabilities of which the logarithms are given; -inf without a gradient where all are.
func logTotal(_ x: Tensor, axes: [Int]) -> Tensor {
  let isNothing = stopGradient(x).max(axes: axes, keepDims: true) .== -.infinity
  let sum = logSumExp(select(isNothing, x.scalar(0), x), axes: axes)
  return select(isNothing.squeezed(axes: axes), x.scalar(-.infinity), sum)
}

/// log(1 - exp(x)) for x <= 0, given also log(-x): that is all there is where x is tiny or has underflowed. Beyond
/// where exp(x) underflows it is 0, without a gradient.
func log1mexp(_ x: Tensor, logOfMinus t: Tensor) -> Tensor {
  let isTiny = t < leastLogOfMinus
  let isNothing = x < (x.dtype == .float64 ? -746.0 : -104)
  let usual = log1mexp(select(isTiny .| isNothing, x.scalar(-1), x))
  return select(isTiny, t, select(isNothing, x.scalar(0), usual))
}

/// log(1 - exp(-exp(t))), the logarithm of the complementary log-log function's inverse: log P(X > x) of what has
/// log P(X <= x) = -exp(t). It is ``log1mexp(_:)`` of -exp(t), but t itself where that is tiny (the next term is
/// -exp(t) / 2), and 0 where exp(t) is large, so that no tail is lost to an exponential that underflows or overflows.
func logOneMinusExpMinusExp(_ t: Tensor) -> Tensor {
  let isTiny = t < leastLogOfMinus
  let isNothing = t > (t.dtype == .float64 ? 6.62 : 4.65)
  let usual = log1mexp(-exp(select(isTiny .| isNothing, t.scalar(0), t)))
  return select(isTiny, t, select(isNothing, t.scalar(0), usual))
}

/// Below it exp(t) does not show beside 1 in any dtype, nor exp(t) / 2 beside t.
private let leastLogOfMinus = -40.0
