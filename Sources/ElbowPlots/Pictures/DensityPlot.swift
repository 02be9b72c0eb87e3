import ElbowArrays
import Foundation

extension Plot {
  /// A density of two dimensions as a heat map, with samples over it and contours if asked for. Colours go from nothing to the
  /// greatest density.
  ///
  /// ```swift
  /// let grid = try Surface.grid(x: -3...3, y: -3...3, columns: 200, rows: 200)
  /// let values = try session.run(flow.logProb(points), feeding: [points: grid])
  /// let plot = try Plot.density(logProb: values.reshaped(to: [200, 200]), x: -3...3, y: -3...3)
  /// ```
  ///
  /// - Parameters:
  ///   - logProb: The logarithm of the density on an even grid, of shape `[rows, columns]`, the first row at the lower end
  ///     of `y`. It need not be normalised.
  ///   - samples: Points, of shape `[count, 2]`.
  ///   - samplesName: What the samples are called in the legend.
  ///   - contours: Shares of the greatest density at which lines are drawn.
  ///   - title: The text over the plot; nil for "density".
  /// - Throws: `ElbowError` when the arrays have other shapes.
  public static func density(
    logProb: HostArray, x: ClosedRange<Double>, y: ClosedRange<Double>, samples: HostArray? = nil,
    samplesName: String = "samples", contours: [Double] = [], title: String? = nil
  ) throws -> Plot {
    let logs = logProb.doubles
    let peak = logs.filter(\.isFinite).max() ?? 0
    let surface = try Surface(HostArray(logs.map { exp($0 - peak) }, shape: logProb.shape), x: x, y: y)
    var plot = Plot(title: title ?? "density", xLabel: "x1", yLabel: "x2")
    // As high as the plane's part is, labels besides.
    let aspect = (y.upperBound - y.lowerBound) / (x.upperBound - x.lowerBound)
    (plot.width, plot.height) = (960, Int(min(max(680 * aspect, 240), 1000)) + 132)
    (plot.xRange, plot.yRange) = (x, y)
    plot.isSquare = true
    plot.addHeatMap(surface, name: "density / greatest density")
    if !contours.isEmpty {
      let shares = contours.map { String(format: "%g", $0) }.joined(separator: ", ")
      plot.addContours(surface, levels: contours, name: "at \(shares)", color: Color(0x5b6f94))
    }
    if let samples { try plot.addPoints(of: samples, name: samplesName) }
    return plot
  }

  /// Points of the plane, of shape `[count, 2]`.
  ///
  /// - Parameter title: The text over the plot; nil for one that says how many points there are.
  /// - Throws: `ElbowError` when the array has another shape.
  public static func points(_ points: HostArray, title: String? = nil) throws -> Plot {
    var plot = Plot(title: title ?? "\(points.shape.first ?? 0) points", xLabel: "x1", yLabel: "x2")
    (plot.width, plot.height) = (760, 760)
    plot.isSquare = true
    try plot.addPoints(of: points)
    return plot
  }

  private mutating func addPoints(of array: HostArray, name: String? = nil) throws {
    guard array.shape.count == 2, array.shape[1] == 2 else {
      throw ElbowError(.shape, "Points of the plane have the shape [count, 2], but found \(array.dtype)\(array.shape).")
    }
    let values = array.doubles
    let points = (0..<array.shape[0]).map { Point(values[2 * $0], values[2 * $0 + 1]) }
    addPoints(points, name: name, color: .distinct(1), radius: 2, opacity: 0.6)
  }
}
