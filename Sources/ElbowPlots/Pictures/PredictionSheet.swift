import ElbowArrays
import ElbowData
import Foundation

/// A classifier's prediction for an image: bars of the classes' probabilities, each with its spread.
public struct Prediction: Sendable {
  /// `[height, width]`, or with an extent of 1 or 3 for channels; `uint8`, or floating point from 0 to 1.
  public var image: HostArray
  /// A probability for each class.
  public var means: [Double]
  /// Their standard deviations.
  public var deviations: [Double]
  /// The true class, whose bar has another colour; nil if there is none.
  public var label: Int?
  /// A few words over the image.
  public var caption: String

  /// A prediction as given; drawing it throws where the image is none.
  ///
  /// - Parameters:
  ///   - image: `[height, width]`, or with an extent of 1 or 3 for channels; `uint8`, or floating point from 0 to 1.
  ///   - means: A probability for each class.
  ///   - deviations: The probabilities' standard deviations, as many.
  ///   - label: The true class, from 0; nil if there is none.
  ///   - caption: A few words over the image.
  public init(image: HostArray, means: [Double], deviations: [Double], label: Int? = nil, caption: String = "") {
    self.image = image
    self.means = means
    self.deviations = deviations
    self.label = label
    self.caption = caption
  }
}

/// Rows of images over what a classifier says of them.
public struct PredictionSheet: Sendable {
  /// The text over the rows; empty for none.
  public var title: String
  /// What captions and colours mean, under the title; empty for none.
  public var note = ""
  private var rows: [(heading: String, predictions: [Prediction])] = []

  /// A sheet without rows.
  ///
  /// - Parameter title: The text over the rows; empty for none.
  public init(title: String = "") { self.title = title }

  /// Adds a row under a heading.
  public mutating func addRow(_ heading: String, _ predictions: [Prediction]) { rows.append((heading, predictions)) }

  /// The picture, `uint8[height, width, 3]`.
  ///
  /// - Throws: `ElbowError` when there is nothing to draw, too much, or an array is no image.
  public func image() throws -> HostArray {
    let columns = rows.map(\.predictions.count).max() ?? 0
    guard columns > 0 else { throw ElbowError(.invalidArgument, "A sheet of predictions needs at least 1 of them.") }
    let top = Place.margin + (title.isEmpty ? 0 : 32) + (note.isEmpty ? 0 : 26)
    var canvas = try Canvas(
      width: Int(2 * Place.margin + Double(columns) * Place.width),
      height: Int(top + Double(rows.count) * Place.height + Place.margin))
    let room = Double(columns) * Place.width
    canvas.write(
      title, at: Point(Place.margin, Place.margin + 14), size: Canvas.size(of: title, upTo: 2.4, within: room))
    canvas.write(
      note, at: Point(Place.margin, top - 14), size: Canvas.size(of: note, upTo: 1.6, within: room))
    for (index, row) in rows.enumerated() {
      let rowTop = top + Double(index) * Place.height
      canvas.write(row.heading, at: Point(Place.margin, rowTop + 20), size: 2)
      for (column, prediction) in row.predictions.enumerated() {
        let left = Place.margin + Double(column) * Place.width
        try draw(prediction, at: Point(left, rowTop + Place.heading), &canvas)
      }
    }
    return try canvas.image
  }

  /// Writes the picture as a PNG file.
  ///
  /// - Throws: `ElbowError` as ``image()``, or when the file cannot be written.
  public func write(to url: URL) throws { try PNG.write(image(), to: url) }

  /// Where things are, in pixels.
  private enum Place {
    static let margin = 20.0
    /// Of a prediction, the gap to the next one included.
    static let width = 136.0
    static let height = 286.0
    static let heading = 34.0
    static let caption = 18.0
    /// Four times 28, the side of most images, so that each of their pixels is as large as any other.
    static let picture = 112.0
    static let barsTop = 140.0
    static let barsHeight = 76.0
    static let barsWidth = 120.0
  }

  private func draw(_ prediction: Prediction, at corner: Point, _ canvas: inout Canvas) throws {
    let middle = corner.x + Place.barsWidth / 2
    canvas.write(prediction.caption, at: Point(middle, corner.y + 10), size: 1.5, .ink, .center)
    let area = Rectangle(
      left: middle - Place.picture / 2, top: corner.y + Place.caption, right: middle + Place.picture / 2,
      bottom: corner.y + Place.caption + Place.picture)
    try draw(prediction.image, in: area, &canvas)
    let bars = Rectangle(
      left: corner.x, top: corner.y + Place.barsTop, right: corner.x + Place.barsWidth,
      bottom: corner.y + Place.barsTop + Place.barsHeight)
    drawBars(prediction, in: bars, &canvas)
  }

  private func draw(_ image: HostArray, in area: Rectangle, _ canvas: inout Canvas) throws {
    let pixels = try ImageSheet(images: image.reshaped(to: [1] + image.shape), columns: 1, margin: 0).pixels
    let (height, width, channels) = (pixels.shape[0], pixels.shape[1], pixels.shape.count == 3 ? 3 : 1)
    canvas.fill(area) { place in
      let row = min(Int((place.y - area.top) / area.height * Double(height)), height - 1)
      let column = min(Int((place.x - area.left) / area.width * Double(width)), width - 1)
      let first = (row * width + column) * channels
      func channel(_ index: Int) -> UInt32 { UInt32(pixels.bytes[first + min(index, channels - 1)]) }
      return Color(channel(0) << 16 | channel(1) << 8 | channel(2))
    }
  }

  /// A bar for each class from 0 to its mean, over it a line from a standard deviation less to one more.
  private func drawBars(_ prediction: Prediction, in area: Rectangle, _ canvas: inout Canvas) {
    let step = area.width / Double(max(prediction.means.count, 1))
    func height(_ probability: Double) -> Double { area.bottom - min(max(probability, 0), 1) * area.height }
    for (index, (mean, deviation)) in zip(prediction.means, prediction.deviations).enumerated() {
      let left = area.left + Double(index) * step
      let bar = Rectangle(left: left + step / 8, top: height(mean), right: left + step * 7 / 8, bottom: area.bottom)
      let color = Color.distinct(index == prediction.label ? 2 : 0)
      canvas.fill(bar) { _ in color }
      let ends = [mean - deviation, mean + deviation].map { Point(left + step / 2, height($0)) }
      if deviation > 0.005 { canvas.stroke([Segment(ends[0], ends[1])], width: 2, .ink) }
      // More than these would run into each other.
      guard prediction.means.count <= 10 else { continue }
      canvas.write("\(index)", at: Point(left + step / 2, area.bottom + 14), size: 1.3, .ink, .center)
    }
    canvas.stroke([Segment(Point(area.left, area.bottom), Point(area.right, area.bottom))], width: 1, .frame)
  }
}
