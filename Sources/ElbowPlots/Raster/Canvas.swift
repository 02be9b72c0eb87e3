import ElbowArrays
import ElbowData
import Foundation

/// A place in a picture or a plot. In a picture, pixel (0, 0) is at the top left and its centre at (0.5, 0.5).
public struct Point: Sendable, Hashable {
  /// The horizontal coordinate; in a picture, pixels from the left edge.
  public var x: Double
  /// The vertical coordinate; in a picture, pixels from the top edge downwards.
  public var y: Double

  /// A place of two coordinates.
  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }

  var isFinite: Bool { x.isFinite && y.isFinite }
}

/// A straight line between two points.
struct Segment: Sendable, Hashable {
  var start: Point
  var end: Point

  init(_ start: Point, _ end: Point) {
    self.start = start
    self.end = end
  }

  /// The distance of a point.
  func distance(_ x: Double, _ y: Double) -> Double {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let length = dx * dx + dy * dy
    let along = length > 0 ? min(max(((x - start.x) * dx + (y - start.y) * dy) / length, 0), 1) : 0
    let (ox, oy) = (x - start.x - along * dx, y - start.y - along * dy)
    return (ox * ox + oy * oy).squareRoot()
  }
}

/// A rectangle by its edges, in pixels.
struct Rectangle: Sendable, Hashable {
  var left: Double
  var top: Double
  var right: Double
  var bottom: Double

  var width: Double { right - left }
  var height: Double { bottom - top }

  /// Its four sides.
  var outline: [Segment] {
    let corners = [Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom), Point(left, top)]
    return zip(corners, corners.dropFirst()).map { Segment($0, $1) }
  }
}

/// An RGB picture under construction, with smooth edges.
///
/// Everything is drawn from distances: a pixel is covered by as much as its centre is inside of a shape, from half a pixel
/// inside, wholly, to half a pixel outside, not at all.
struct Canvas: Sendable {
  let width: Int
  let height: Int
  private var pixels: [UInt8]
  /// Where drawing has an effect.
  var clip: Rectangle

  /// - Throws: `ElbowError` when the picture would have no pixels, or more than 2^26.
  init(width: Int, height: Int, background: Color = .white) throws {
    let (count, isTooLarge) = width.multipliedReportingOverflow(by: height)
    guard width >= 1, height >= 1, !isTooLarge, count <= 1 << 26 else {
      throw ElbowError(
        .invalidArgument,
        "A picture has at least 1 pixel a side and at most \(1 << 26) in all, not \(width) x \(height).")
    }
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: 0, count: width * height * 3)
    for pixel in 0..<width * height {
      pixels[3 * pixel] = background.red
      pixels[3 * pixel + 1] = background.green
      pixels[3 * pixel + 2] = background.blue
    }
    clip = Rectangle(left: 0, top: 0, right: Double(width), bottom: Double(height))
  }

  /// The picture, `uint8[height, width, 3]`.
  var image: HostArray { get throws { try HostArray(pixels, shape: [height, width, 3]) } }

  /// Draws lines, round at their ends. Where they meet or cross each other, the colour is not laid on twice.
  mutating func stroke(_ segments: [Segment], width lineWidth: Double, _ color: Color, opacity: Double = 1) {
    let reach = lineWidth / 2 + 1
    let drawn = segments.filter { $0.start.isFinite && $0.end.isFinite }
    guard let area = pixels(around: drawn.flatMap { [$0.start, $0.end] }, reach) else { return }
    var coverage = [Float](repeating: 0, count: area.columns.count * area.rows.count)
    for segment in drawn {
      guard let own = pixels(around: [segment.start, segment.end], reach) else { continue }
      for y in own.rows {
        let row = (y - area.rows.lowerBound) * area.columns.count - area.columns.lowerBound
        for x in own.columns {
          let distance = segment.distance(Double(x) + 0.5, Double(y) + 0.5) - lineWidth / 2
          coverage[row + x] = max(coverage[row + x], Float(min(max(0.5 - distance, 0), 1)))
        }
      }
    }
    for y in area.rows {
      for x in area.columns {
        let index = (y - area.rows.lowerBound) * area.columns.count + x - area.columns.lowerBound
        blend(x, y, color, Double(coverage[index]) * opacity)
      }
    }
  }

  /// Draws a disc.
  mutating func disc(_ center: Point, radius: Double, _ color: Color, opacity: Double = 1) {
    guard center.isFinite, let area = pixels(around: [center], radius + 1) else { return }
    for y in area.rows {
      for x in area.columns {
        let (dx, dy) = (Double(x) + 0.5 - center.x, Double(y) + 0.5 - center.y)
        let distance = (dx * dx + dy * dy).squareRoot() - radius
        blend(x, y, color, min(max(0.5 - distance, 0), 1) * opacity)
      }
    }
  }

  /// Fills the pixels whose centres lie in a rectangle, each with the colour that `color` gives for its centre.
  mutating func fill(_ area: Rectangle, _ color: (Point) -> Color) {
    let corners = [Point(area.left, area.top), Point(area.right, area.bottom)]
    guard let touched = pixels(around: corners, 0) else { return }
    for y in touched.rows {
      for x in touched.columns {
        let center = Point(Double(x) + 0.5, Double(y) + 0.5)
        let isInside =
          center.x >= area.left && center.x < area.right && center.y >= area.top && center.y < area.bottom
        if isInside { blend(x, y, color(center), 1) }
      }
    }
  }

  /// Draws an image, each of its pixels as a square, whatever the clip is.
  ///
  /// - Parameters:
  ///   - image: `uint8[height, width]`, or with three channels.
  ///   - left: The column of the picture at which it begins.
  ///   - top: The row of the picture at which it begins.
  ///   - scale: The side of a square in pixels. What does not fit into the picture is left out.
  mutating func draw(_ image: HostArray, left: Int, top: Int, scale: Int) {
    let (rows, columns, channels) = (image.shape[0], image.shape[1], image.shape.count == 3 ? 3 : 1)
    let shown = max(0, min(columns * scale, width - left))
    let source = image.bytes
    var line = [UInt8](repeating: 0, count: 3 * shown)
    for row in 0..<max(0, min(rows * scale, height - top)) {
      if row.isMultiple(of: scale) {
        let first = row / scale * columns
        for column in 0..<shown {
          let pixel = (first + column / scale) * channels
          for channel in 0..<3 { line[3 * column + channel] = source[pixel + min(channel, channels - 1)] }
        }
      }
      let start = ((top + row) * width + left) * 3
      pixels.replaceSubrange(start..<start + line.count, with: line)
    }
  }

  /// The pixels within reach of points and the clip.
  private func pixels(around points: [Point], _ reach: Double) -> (columns: Range<Int>, rows: Range<Int>)? {
    func range(_ values: [Double], _ low: Double, _ high: Double, _ count: Int) -> Range<Int>? {
      guard let least = values.min(), let greatest = values.max() else { return nil }
      // Limited before they become integers, which could not hold every value.
      let first = max(least - reach, low, 0).rounded(.down)
      let last = min(greatest + reach, high, Double(count)).rounded(.up)
      return first < last ? Int(first)..<Int(last) : nil
    }
    guard let columns = range(points.map(\.x), clip.left, clip.right, width),
      let rows = range(points.map(\.y), clip.top, clip.bottom, height)
    else { return nil }
    return (columns, rows)
  }

  private mutating func blend(_ x: Int, _ y: Int, _ color: Color, _ share: Double) {
    guard share > 0 else { return }
    let index = 3 * (y * width + x)
    func mix(_ offset: Int, _ value: UInt8) {
      let old = Double(pixels[index + offset])
      pixels[index + offset] = UInt8((old + (Double(value) - old) * min(share, 1)).rounded())
    }
    mix(0, color.red)
    mix(1, color.green)
    mix(2, color.blue)
  }
}
