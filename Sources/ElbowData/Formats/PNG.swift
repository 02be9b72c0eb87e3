import CPNG
import ElbowArrays
import Foundation

/// PNG images with 8 bits a channel: what a model learns from, and for looking at what it makes.
public enum PNG {
  /// The bytes of a PNG file.
  ///
  /// - Parameters:
  ///   - image: `uint8` of shape `[height, width]` or `[height, width, 1]` for grey, `[height, width, 3]` for RGB.
  /// - Throws: ``ElbowError`` when the array is not such an image, has no pixels, or is too large for the format.
  public static func encode(_ image: HostArray) throws -> [UInt8] {
    let shape = image.shape
    let channels = shape.count == 3 ? shape[2] : 1
    guard image.dtype == .uint8, shape.count == 2 || shape.count == 3, channels == 1 || channels == 3 else {
      throw ElbowError(
        .shape,
        """
        Expected a grey image, uint8[height, width], or an RGB image, uint8[height, width, 3], but found \
        \(image.dtype)\(shape).
        """)
    }
    // The limits of libpng's simplified interface: a row and the whole image are counted in 32 bits.
    guard shape[0] > 0, shape[1] > 0, image.count < Int(Int32.max) / 2 else {
      throw ElbowError(.shape, "A PNG image has between 1 and \(Int32.max / 2 - 1) bytes; this one has shape \(shape).")
    }

    // libpng's full interface reports errors by longjmp, which must not cross Swift code; this one returns them.
    var description = png_image()
    description.version = UInt32(PNG_IMAGE_VERSION)
    description.width = UInt32(shape[1])
    description.height = UInt32(shape[0])
    description.format = channels == 3 ? UInt32(PNG_FORMAT_FLAG_COLOR) : 0
    defer { png_image_free(&description) }

    return try image.withUnsafeBytes { pixels in
      // The first call only counts, a bound of what compression can come to; the second writes.
      var count = 0
      guard png_image_write_to_memory(&description, nil, &count, 0, pixels.baseAddress, 0, nil) != 0 else {
        throw ElbowError(.internal, "libpng cannot encode the image: \(message(description)).")
      }
      var succeeded: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
        succeeded = png_image_write_to_memory(
          &description, buffer.baseAddress, &count, 0, pixels.baseAddress, 0, nil)
        written = succeeded != 0 ? min(count, buffer.count) : 0
      }
      guard succeeded != 0 else {
        throw ElbowError(.internal, "libpng cannot encode the image: \(message(description)).")
      }
      return bytes
    }
  }

  /// Writes a PNG file; see ``encode(_:)`` for what an image is.
  public static func write(_ image: HostArray, to url: URL) throws {
    try AtomicFile.write(encode(image), to: url)
  }

  /// The most pixels that an image is read of: 2^28, a square of 16,384 a side.
  static let pixelLimit = 1 << 28

  /// Reads a PNG file.
  ///
  /// - Returns: `uint8[height, width]` of a grey image, `uint8[height, width, 3]` of one in colours, palettes included.
  /// - Throws: ``ElbowError`` of kind `file` when it is no such file, has 16 bits a channel or transparent pixels, or is too large.
  public static func read(contentsOf url: URL) throws -> HostArray {
    try decode(FileContents.read(url), named: url.path)
  }

  /// The image that the bytes of a PNG file hold.
  ///
  /// - Parameters:
  ///   - bytes: The file, which nobody vouches for.
  ///   - name: The bytes' name in errors, usually the file's path.
  ///   - isExpected: Whether an image of a shape is wanted, asked before anything is allocated; it throws if not.
  public static func decode(
    _ bytes: [UInt8], named name: String = "The PNG data", isExpected: (_ shape: [Int]) throws -> Void = { _ in }
  ) throws -> HostArray {
    var description = png_image()
    description.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&description) }
    return try bytes.withUnsafeBytes { file in
      guard png_image_begin_read_from_memory(&description, file.baseAddress, file.count) != 0 else {
        throw ElbowError(.file, "\(name) is no PNG image that can be read: \(message(description)).")
      }
      let format = Int(description.format)
      guard format & Int(PNG_FORMAT_FLAG_ALPHA) == 0 else {
        throw ElbowError(
          .file, "\(name) has transparent pixels; expected a grey or RGB image without: save it over a background.")
      }
      guard format & Int(PNG_FORMAT_FLAG_LINEAR) == 0 else {
        throw ElbowError(.file, "\(name) has 16 bits a channel; expected 8: convert it.")
      }
      let isColored = format & Int(PNG_FORMAT_FLAG_COLOR) != 0
      let (height, width) = (Int(description.height), Int(description.width))
      guard height > 0, width > 0, height <= pixelLimit / width else {
        throw ElbowError(
          .file, "\(name) announces \(width) x \(height) pixels; expected at least 1 and at most \(pixelLimit).")
      }
      // A pixel takes a bit at least, a row a byte more, and deflate makes at most 1,032 bytes of one.
      guard height * (1 + width / 8) <= file.count * 1032 else {
        throw ElbowError(
          .file, "\(name) announces \(width) x \(height) pixels, more than its \(file.count) bytes can hold.")
      }
      let shape = [height, width] + (isColored ? [3] : [])
      try isExpected(shape)
      description.format = isColored ? UInt32(PNG_FORMAT_FLAG_COLOR) : 0
      var pixels = try HostArray(zeros: shape, dtype: .uint8)
      let succeeded = pixels.withUnsafeMutableBytes {
        png_image_finish_read(&description, nil, $0.baseAddress, 0, nil)
      }
      // A warning, such as of a checksum, does not keep the pixels from being whole.
      guard succeeded != 0 else {
        throw ElbowError(.file, "\(name) is no PNG image that can be read: \(message(description)).")
      }
      return pixels
    }
  }

  private static func message(_ description: png_image) -> String {
    withUnsafeBytes(of: description.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
