import ElbowArrays
import ElbowData
import Foundation

extension ImageSheet {
  /// The sheet as a picture to look at, `uint8[height, width, 3]`: each pixel a square, as large as fits into 1120 pixels, with
  /// the title and the labels around.
  ///
  /// - Throws: `ElbowError` when the picture would be too large.
  public func image() throws -> HostArray {
    let place = Place(self)
    var canvas = try Canvas(width: Int(place.width), height: Int(place.height))
    canvas.draw(pixels, left: Int(place.left), top: Int(place.top), scale: place.scale)
    let room = place.width - place.left - place.edge
    canvas.write(
      title, at: Point(place.left, place.top - 20 * place.unit),
      size: Canvas.size(of: title, upTo: place.titleSize, within: room))
    drawRows(place, &canvas)
    drawColumns(place, &canvas)
    return try canvas.image
  }

  /// Writes the picture as a PNG file.
  ///
  /// - Throws: `ElbowError` as ``image()``, or when the file cannot be written.
  public func write(to url: URL) throws { try PNG.write(image(), to: url) }

  private func drawRows(_ place: Place, _ canvas: inout Canvas) {
    let step = Double(layout.stepY * place.scale)
    let every = Int((18 * place.unit / step).rounded(.up))
    for (row, label) in rowLabels.enumerated() where row.isMultiple(of: every) {
      let middle = place.top + place.margin / 2 + (Double(row) + 0.5) * step
      guard middle < place.bottom else { break }
      canvas.write(
        label, at: Point(place.left - 10 * place.unit, middle + 3 * place.labelSize), size: place.labelSize, .ink,
        .right)
    }
    let middle = (place.top + place.bottom) / 2
    canvas.write(
      yLabel, at: Point(place.edge + 12 * place.unit, middle), size: place.labelSize * 1.2, .ink, .center,
      isVertical: true)
  }

  private func drawColumns(_ place: Place, _ canvas: inout Canvas) {
    let step = Double(layout.stepX * place.scale)
    let widest = columnLabels.map { Canvas.width(of: $0, size: place.labelSize) }.max() ?? 0
    let every = Int(((widest + 14 * place.unit) / step).rounded(.up))
    for (column, label) in columnLabels.enumerated() where column.isMultiple(of: every) {
      let middle = place.left + place.margin / 2 + (Double(column) + 0.5) * step
      guard middle < place.right else { break }
      canvas.write(label, at: Point(middle, place.bottom + 22 * place.unit), size: place.labelSize, .ink, .center)
    }
    let middle = (place.left + place.right) / 2
    canvas.write(
      xLabel, at: Point(middle, place.height - 18 * place.unit), size: place.labelSize * 1.2, .ink, .center)
  }

  /// Where things are in the picture, in pixels.
  private struct Place {
    /// A sheet's side at which one pixel more for each of its own would be too much.
    static let side = 1120
    /// The side of the square that a pixel becomes.
    let scale: Int
    /// How much larger than usual texts and gaps are, so that they can be read where a large picture is seen as a whole.
    let unit: Double
    let left: Double
    let top: Double
    let right: Double
    let bottom: Double
    let width: Double
    let height: Double
    /// The gap around each image.
    let margin: Double

    var edge: Double { 20 * unit }
    var titleSize: Double { 2.2 * unit }
    var labelSize: Double { 1.6 * unit }

    init(_ sheet: ImageSheet) {
      let (rows, columns) = (sheet.pixels.shape[0], sheet.pixels.shape[1])
      let scale = max(1, Place.side / max(rows, columns))
      let unit = max(1, (Double(max(rows, columns)) / Double(Place.side)).rounded(.up))
      let labels = sheet.rowLabels.map { Canvas.width(of: $0, size: 1.6 * unit) + 10 * unit }.max() ?? 0
      (self.scale, self.unit) = (scale, unit)
      margin = Double(sheet.layout.margin * scale)
      left = ((sheet.yLabel.isEmpty ? 20 : 52) * unit + labels).rounded(.up)
      top = (sheet.title.isEmpty ? 20 : 54) * unit
      right = left + Double(columns * scale)
      bottom = top + Double(rows * scale)
      // A narrow sheet still has room for its title, within reason.
      let title = sheet.title.isEmpty ? 0 : min(Canvas.width(of: sheet.title, size: 2.2 * unit), 800 * unit)
      width = (max(right, left + title) + 20 * unit).rounded(.up)
      height = bottom + (20 + (sheet.columnLabels.isEmpty ? 0 : 14) + (sheet.xLabel.isEmpty ? 0 : 28)) * unit
    }
  }
}
