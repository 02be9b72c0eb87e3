import ElbowArrays
import ElbowData
import Foundation

/// A picture of numbers: lines, points or a surface over two axes.
///
///     var plot = Plot(title: "cs20-vae", xLabel: "epoch", yLabel: "loss")
///     plot.addLine([Point(1, 180), Point(2, 160)], name: "training")
///     try plot.write(to: url)
///
/// Values that are not finite are left out. What lies beyond the ranges of the axes is marked at the edge, and a note under the
/// plot says how much it is. The plot is drawn by this module alone: no library, no fonts.
public struct Plot: Sendable {
  /// The text over the plot; empty for none.
  public var title: String
  /// The text under the x axis; empty for none.
  public var xLabel: String
  /// The text beside the y axis; empty for none.
  public var yLabel: String
  /// In pixels.
  public var width = 960
  /// The height in pixels.
  public var height = 640
  /// The ranges that the axes show; without them, everything that was added.
  public var xRange: ClosedRange<Double>?
  /// The range that the y axis shows; nil for that of everything that was added.
  public var yRange: ClosedRange<Double>?
  /// Whether the x axis has ticks at whole numbers only.
  public var hasWholeX = false
  /// Whether equal factors are equally far apart along the y axis; what is not positive is left out then.
  public var hasLogY = false
  /// The text over the legend; empty for none.
  public var legendTitle = ""
  /// Whether a unit is as long on one axis as on the other.
  public var isSquare = false

  private(set) var layers: [Layer] = []

  /// Something over the axes.
  struct Layer: Sendable {
    enum Shape: Sendable {
      case line([Point], isDashed: Bool)
      case points([Point], radius: Double, opacity: Double)
      case segments([Segment])
      case surface(Surface)
    }
    var shape: Shape
    var name: String?
    var color: Color
  }

  /// A plot of nothing yet.
  ///
  /// - Parameters:
  ///   - title: The text over the plot; empty for none.
  ///   - xLabel: The text under the x axis; empty for none.
  ///   - yLabel: The text beside the y axis; empty for none.
  public init(title: String = "", xLabel: String = "", yLabel: String = "") {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
  }

  /// A line through points, with gaps where one is not finite.
  ///
  /// - Parameter name: Its name in the legend; nil to leave it out there.
  public mutating func addLine(
    _ points: [Point], name: String? = nil, color: Color? = nil, isDashed: Bool = false
  ) {
    let color = color ?? Color.distinct(layers.count)
    layers.append(Layer(shape: .line(points, isDashed: isDashed), name: name, color: color))
  }

  /// Points.
  public mutating func addPoints(
    _ points: [Point], name: String? = nil, color: Color? = nil, radius: Double = 3, opacity: Double = 0.75
  ) {
    let shape = Layer.Shape.points(points.filter(\.isFinite), radius: radius, opacity: opacity)
    layers.append(Layer(shape: shape, name: name, color: color ?? Color.distinct(layers.count)))
  }

  /// A surface as a heat map, with a bar of its colours beside the plot.
  ///
  /// - Parameter name: The text beside the bar; nil for none.
  public mutating func addHeatMap(_ surface: Surface, name: String? = nil) {
    layers.append(Layer(shape: .surface(surface), name: name, color: .ink))
  }

  /// The lines on which a surface has given heights.
  public mutating func addContours(_ surface: Surface, levels: [Double], name: String? = nil, color: Color = .ink) {
    let segments = levels.filter(\.isFinite).flatMap { surface.contour($0) }
    layers.append(Layer(shape: .segments(segments), name: name, color: color))
  }

  /// The picture, `uint8[height, width, 3]`.
  ///
  /// - Throws: `ElbowError` when the picture would be too small for its axes, or too large.
  public func image() throws -> HostArray { try PlotDrawing(self).image() }

  /// Writes the picture as a PNG file.
  ///
  /// - Throws: `ElbowError` as ``image()``, or when the file cannot be written.
  public func write(to url: URL) throws { try PNG.write(image(), to: url) }
}
