import ElbowArrays
import ElbowData
import Foundation

/// Many small images side by side in one: samples, reconstructions, a walk through the latent space.
///
///     try ImageSheet(images: samples, columns: 8, title: "100 samples").write(to: url)
public struct ImageSheet: Sendable {
  /// The images side by side, as they are and without any text: `uint8[height, width]`, or `uint8[height, width, 3]` for RGB
  /// images.
  public let pixels: HostArray
  /// The text over the sheet; empty for none.
  public var title: String
  /// A text to the left of each row, from the top; empty for none. Where they would run into each other, some are left out.
  public var rowLabels: [String] = []
  /// A text under each column, from the left; as for rows.
  public var columnLabels: [String] = []
  /// The text under the columns' labels; empty for none.
  public var xLabel = ""
  /// The text beside the rows' labels; empty for none.
  public var yLabel = ""
  /// The pixels from one image to the next, and around them.
  let layout: (stepX: Int, stepY: Int, margin: Int)
  /// The brightness of the margin unless told otherwise.
  public static let margin: UInt8 = 64

  /// Lays images out in rows, the first at the top left.
  ///
  /// - Parameters:
  ///   - images: `[count, height, width]`, with a further extent of 1 or 3 for channels if there are any; `uint8`, or
  ///     floating point from 0 to 1. Floating-point values outside are cut off, and NaN becomes 0.
  ///   - columns: The images in a row; about the square root of their number if not given.
  ///   - margin: The pixels around each image.
  ///   - background: The brightness of the margin and of places without an image.
  ///   - title: The text over the sheet; empty for none.
  /// - Throws: ``ElbowError`` when the array is not a list of images, is empty, or the sheet would be too large.
  public init(
    images: HostArray, columns: Int? = nil, margin: Int = 1, background: UInt8 = ImageSheet.margin, title: String = ""
  ) throws {
    let shape = images.shape
    let channels = shape.count == 4 ? shape[3] : 1
    guard shape.count == 3 || shape.count == 4, channels == 1 || channels == 3, images.count > 0 else {
      throw ElbowError(
        .shape,
        """
        Expected at least one image in an array of shape [count, height, width] or [count, height, width, 3], but \
        found \(images.dtype)\(shape).
        """)
    }
    let (count, height, width) = (shape[0], shape[1], shape[2])
    let columns = min(columns ?? Int(Double(count).squareRoot().rounded(.up)), count)
    guard columns > 0, (0...4096).contains(margin) else {
      throw ElbowError(
        .invalidArgument,
        "A sheet needs at least 1 column and a margin from 0 to 4096, not \(columns) and \(margin).")
    }
    let rows = (count + columns - 1) / columns
    let stepX = width + margin
    let stepY = height + margin
    let (sheetHeight, tooHigh) = rows.multipliedReportingOverflow(by: stepY)
    let (sheetWidth, tooWide) = columns.multipliedReportingOverflow(by: stepX)
    guard !tooHigh, !tooWide, sheetHeight < 1 << 24, sheetWidth < 1 << 24,
      (sheetHeight + margin) * (sheetWidth + margin) < 1 << 28
    else {
      throw ElbowError(
        .invalidArgument,
        "A sheet of \(count) images of \(height) x \(width) pixels in \(columns) columns would be too large.")
    }

    let source = try ImageSheet.bytes(images)
    let rowBytes = (sheetWidth + margin) * channels
    var sheet = [UInt8](repeating: background, count: (sheetHeight + margin) * rowBytes)
    let lineBytes = width * channels
    for image in 0..<count {
      let top = margin + image / columns * stepY
      let left = (margin + image % columns * stepX) * channels
      for line in 0..<height {
        let from = (image * height + line) * lineBytes
        let to = (top + line) * rowBytes + left
        sheet.replaceSubrange(to..<to + lineBytes, with: source[from..<from + lineBytes])
      }
    }
    let extents = [sheetHeight + margin, sheetWidth + margin] + (channels == 3 ? [3] : [])
    pixels = try HostArray(sheet, shape: extents)
    self.title = title
    layout = (stepX, stepY, margin)
  }

  static func bytes(_ images: HostArray) throws -> [UInt8] {
    switch images.dtype {
    case .uint8: return images.bytes
    case .float32: return try images.withElements(as: Float.self) { $0.map { brightness(Double($0)) } }
    case .float64: return try images.withElements(as: Double.self) { $0.map(brightness) }
    case .int32, .int64, .uint32, .bool:
      throw ElbowError(.dtype, "Images are uint8, or float32 or float64 from 0 to 1, not \(images.dtype).")
    }
  }

  private static func brightness(_ value: Double) -> UInt8 {
    // NaN fails the comparison.
    value > 0 ? UInt8((min(value, 1) * 255).rounded()) : 0
  }
}
