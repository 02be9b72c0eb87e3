import ElbowArrays
import ElbowGraph

extension Bijectors {
  /// A monotone spline of quotients of quadratic polynomials between knots, and the identity outside (Durkan et al. 2019,
  /// "Neural spline flows").
  ///
  ///     z = (x - x_k) / w_k,  s = h_k / w_k,  d = d_(k+1) + d_k - 2 s
  ///     y = y_k + h_k (s z^2 + d_k z (1 - z)) / (s + d z (1 - z))
  ///     dy/dx = s^2 (d_(k+1) z^2 + 2 s z (1 - z) + d_k (1 - z)^2) / (s + d z (1 - z))^2
  ///
  /// The bins' widths w and heights h add up to the same, and the slopes d at the first and the last knot are 1. The
  /// parameters' axes before the last broadcast with x, each of whose elements has a spline of its own or shares one.
  public struct RationalQuadraticSpline: Bijector {
    /// w, positive, `[..., bins]`.
    public let binWidths: BijectorParameter
    /// h, positive, `[..., bins]`.
    public let binHeights: BijectorParameter
    /// The slopes at the knots between, positive, `[..., bins - 1]`.
    public let knotSlopes: BijectorParameter
    /// The first knot's x and y.
    public let rangeMin: Double
    public let traits: BijectorTraits

    /// A spline whose first knot is at `rangeMin`.
    public init(
      binWidths: some TensorLike, binHeights: some TensorLike, knotSlopes: some TensorLike, rangeMin: Double = -1,
      name: String? = nil
    ) {
      self.binWidths = BijectorParameter("binWidths", binWidths, .positive, eventNDims: 1)
      self.binHeights = BijectorParameter("binHeights", binHeights, .positive, eventNDims: 1)
      self.knotSlopes = BijectorParameter("knotSlopes", knotSlopes, .positive, eventNDims: 1)
      self.rangeMin = rangeMin
      traits = BijectorTraits(
        "RationalQuadraticSpline", name: name, parameters: [self.binWidths, self.binHeights, self.knotSlopes])
    }

    /// The terms of the formulas at a point: its bin's lower corner, size, and slopes at both ends.
    private struct Bin {
      var isOutside: Tensor
      var (point, x, y, width, height): (Tensor, Tensor, Tensor, Tensor, Tensor)
      var (lowerSlope, upperSlope): (Tensor, Tensor)

      var slope: Tensor { height / width }
      var bend: Tensor { lowerSlope + upperSlope - 2 * slope }
    }

    /// The bin of each element of x, or of y if `isInverse`.
    private func bin(_ value: Tensor, isInverse: Bool) -> Bin {
      let (widths, heights) = (binWidths.tensor(like: value), binHeights.tensor(like: value))
      let inner = knotSlopes.tensor(like: value)
      let (xs, ys) = (starts(widths), starts(heights))
      let (sizes, begins) = isInverse ? (heights, ys) : (widths, xs)
      let ends = begins + sizes
      let last = ends.shape[-1] - 1
      let isOutside =
        (value <= rangeMin) .| (value >= part(ends, axis: -1, from: last, extent: 1).squeezed(axes: [-1]))
      // Outside, the formulas see the first knot.
      let point = select(isOutside, value.scalar(rangeMin), value)
      let column = point.expandedDims(-1)
      let isBin = (column >= begins) .& (column < ends)
      func chosen(_ values: Tensor) -> Tensor { select(isBin, values, values.scalar(0)).sum(axes: [-1]) }
      return Bin(
        isOutside: isOutside, point: point, x: chosen(xs), y: chosen(ys), width: chosen(widths),
        height: chosen(heights), lowerSlope: chosen(bordered(inner, low: 1, high: 0)),
        upperSlope: chosen(bordered(inner, low: 0, high: 1)))
    }

    /// The positions at which bins of some sizes begin.
    private func starts(_ sizes: Tensor) -> Tensor { cumsum(sizes, axis: -1, exclusive: true) + rangeMin }

    /// Slopes with ones before or after them.
    private func bordered(_ slopes: Tensor, low: Int, high: Int) -> Tensor {
      let none = [Dimension](repeating: 0, count: slopes.rank - 1)
      return slopes.padded(low: none + [Dimension(low)], high: none + [Dimension(high)], value: 1)
    }

    /// log(dy/dx) at a place z within the bin, between 0 and 1.
    private func logSlope(_ bin: Bin, at z: Tensor) -> Tensor {
      let (slope, mixed, rest) = (bin.slope, z * (1 - z), 1 - z)
      let numerator = bin.upperSlope * z * z + 2 * slope * mixed + bin.lowerSlope * rest * rest
      let logarithm = 2 * log(slope) + log(numerator) - 2 * log(slope + bin.bend * mixed)
      return select(bin.isOutside, logarithm.zerosLike(), logarithm)
    }

    /// The place in the bin of a point y: the root of a quadratic that is within it, in the form that does not cancel.
    private func place(of bin: Bin) -> Tensor {
      let above = bin.point - bin.y
      let a = bin.height * (bin.slope - bin.lowerSlope) + above * bin.bend
      let b = bin.height * bin.lowerSlope - above * bin.bend
      let c = -bin.slope * above
      return 2 * c / (-b - sqrt(b * b - 4 * a * c))
    }

    public func forwardFormula(_ x: Tensor) -> Tensor? {
      let bin = bin(x, isInverse: false)
      let z = (bin.point - bin.x) / bin.width
      let mixed = z * (1 - z)
      let inside =
        bin.y + bin.height * (bin.slope * z * z + bin.lowerSlope * mixed) / (bin.slope + bin.bend * mixed)
      return select(bin.isOutside, x, inside)
    }
    public func inverseFormula(_ y: Tensor) -> Tensor? {
      let bin = bin(y, isInverse: true)
      return select(bin.isOutside, y, bin.x + bin.width * place(of: bin))
    }
    public func forwardLogDetJacobianFormula(_ x: Tensor) -> Tensor? {
      let bin = bin(x, isInverse: false)
      return logSlope(bin, at: (bin.point - bin.x) / bin.width)
    }
    public func inverseLogDetJacobianFormula(_ y: Tensor) -> Tensor? {
      let bin = bin(y, isInverse: true)
      return -logSlope(bin, at: place(of: bin))
    }
    public func slopeFormula(like x: Tensor) -> Tensor? { x.scalar(1) }
  }
}
