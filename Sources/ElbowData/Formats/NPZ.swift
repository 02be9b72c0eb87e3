import ElbowArrays
import Foundation

/// NumPy's archive of named arrays: a zip file with one `.npy` file for each.
public enum NPZ {
  /// The most that an archive may expand to unless the caller says otherwise.
  public static let defaultLimit = FileContents.defaultLimit

  /// Reads the arrays of a `.npz` file, stored or deflated, by name.
  ///
  /// - Parameters:
  ///   - limit: The most bytes that all entries may take uncompressed.
  /// - Throws: ``ElbowError`` when the file cannot be read, is damaged, is encrypted or zip64, holds anything but
  ///   arrays, or expands to more than `limit` bytes.
  public static func read(contentsOf url: URL, limit: Int = defaultLimit) throws -> [String: HostArray] {
    // The archive has checked that no two names are equal.
    Dictionary(try entries(contentsOf: url, limit: limit)) { first, _ in first }
  }

  /// Reads the arrays of a `.npz` file in the order in which the archive lists them.
  public static func entries(
    contentsOf url: URL, limit: Int = defaultLimit
  ) throws -> [(name: String, array: HostArray)] {
    try decode(FileContents.read(url), limit: limit, named: url.path)
  }

  /// Decodes the bytes of a `.npz` file. Errors call the data by `name`.
  public static func decode(
    _ bytes: [UInt8], limit: Int = defaultLimit, named name: String = "The NumPy archive"
  ) throws -> [(name: String, array: HostArray)] {
    let archive = try ZipArchive(bytes, limit: limit, named: name)
    return try archive.entries.map { entry in
      guard entry.name.hasSuffix(".npy") else {
        throw ElbowError(
          .file, "\(name) holds '\(entry.name)', but the entries of a NumPy archive have names that end in '.npy'.")
      }
      let array = try NPY.decode(archive.contents(of: entry), named: "\(name), entry '\(entry.name)',")
      return (String(entry.name.dropLast(4)), array)
    }
  }

  /// The bytes of a `.npz` file with stored entries, in the order given; the same arrays give the same bytes.
  ///
  /// - Throws: ``ElbowError`` when two names are equal or the archive would exceed 4 GiB.
  public static func encode(_ arrays: [(name: String, array: HostArray)]) throws -> [UInt8] {
    var writer = ZipWriter()
    for (name, array) in arrays { try writer.append(name + ".npy", NPY.encode(array)) }
    return writer.finished()
  }

  /// Writes a `.npz` file with stored entries.
  public static func write(_ arrays: [(name: String, array: HostArray)], to url: URL) throws {
    try AtomicFile.write(encode(arrays), to: url)
  }
}
