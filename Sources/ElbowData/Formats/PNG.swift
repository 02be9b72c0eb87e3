import CPNG
import ElbowArrays
import Foundation

/// PNG images with 8 bits a channel, for looking at what a model makes.
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

  private static func message(_ description: png_image) -> String {
    withUnsafeBytes(of: description.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
