import ElbowArrays
import Foundation

/// Files compressed by gzip.
public enum Gzip {
  /// Whether bytes start as a gzip file does.
  public static func isCompressed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1f, 0x8b]) }

  /// The decompressed bytes; members that follow one another are joined.
  ///
  /// Memory stays in proportion to `limit`, whatever the file would expand to.
  ///
  /// - Parameters:
  ///   - limit: The most bytes that may come out.
  ///   - name: The data's name in errors, usually a path.
  /// - Throws: ``ElbowError`` when the data is not gzip, is damaged or truncated, fails its CRC, has other bytes after
  ///   its end, or expands to more than `limit` bytes.
  public static func decompress(
    _ bytes: [UInt8], limit: Int, named name: String = "The gzip data"
  ) throws -> [UInt8] {
    try checkMagic(bytes, name)
    return try Inflate.decompress(bytes[...], wrapping: .gzip, limit: limit, named: name)
  }

  /// The bytes compressed, without a file name or time, so that the same input gives the same output.
  public static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
    try Inflate.compress(bytes, wrapping: .gzip)
  }

  /// The first `count` decompressed bytes, or all if there are fewer.
  static func prefix(_ bytes: [UInt8], count: Int, named name: String) throws -> [UInt8] {
    try checkMagic(bytes, name)
    return try Inflate.decompress(bytes[...], wrapping: .gzip, limit: count, stopsAtLimit: true, named: name)
  }

  private static func checkMagic(_ bytes: [UInt8], _ name: String) throws {
    guard isCompressed(bytes) else {
      let start = bytes.prefix(2).map { String($0, radix: 16) }.joined(separator: " ")
      throw ElbowError(
        .file, "\(name) is not a gzip file: expected it to start with the bytes 1f 8b, but found '\(start)'.")
    }
  }
}
