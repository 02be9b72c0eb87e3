import ElbowArrays
import Foundation

/// NumPy's archive of named arrays: a zip file with one `.npy` file for each.
public enum NPZ {
  /// The contents of an archive: its arrays in the order of its list, and NumPy's names of the types of those that no array can
  /// hold, by their own names.
  public typealias Contents = (arrays: [(name: String, array: HostArray)], unsupported: [String: String])

  /// The most that an archive may expand to unless the caller says otherwise.
  public static let defaultLimit = FileContents.defaultLimit

  /// Reads the arrays of a `.npz` file, stored or deflated, by name; those of types such as float16 are passed over.
  ///
  /// - Parameters:
  ///   - limit: The most bytes that all entries may take uncompressed.
  /// - Throws: ``ElbowError`` when the file cannot be read, is damaged, is encrypted or zip64, holds anything but
  ///   arrays, or expands to more than `limit` bytes.
  public static func read(contentsOf url: URL, limit: Int = defaultLimit) throws -> [String: HostArray] {
    // The archive has checked that no two names are equal.
    Dictionary(try contents(of: url, limit: limit).arrays) { first, _ in first }
  }

  /// Reads the arrays of a `.npz` file in the order in which the archive lists them, and what else there is.
  public static func contents(of url: URL, limit: Int = defaultLimit) throws -> Contents {
    try decode(FileContents.read(url), limit: limit, named: url.path)
  }

  /// Decodes the bytes of a `.npz` file. Errors call the data by `name`.
  public static func decode(
    _ bytes: [UInt8], limit: Int = defaultLimit, named name: String = "The NumPy archive"
  ) throws -> Contents {
    let archive = try ZipArchive(bytes, limit: limit, named: name)
    var contents: Contents = ([], [:])
    for entry in archive.entries {
      guard entry.name.hasSuffix(".npy") else {
        throw ElbowError(
          .file, "\(name) holds '\(entry.name)', but the entries of a NumPy archive have names that end in '.npy'.")
      }
      let (own, title) = (String(entry.name.dropLast(4)), "\(name), entry '\(entry.name)',")
      let bytes = try archive.contents(of: entry)
      if let type = try NPY.unsupportedType(bytes, named: title) {
        contents.unsupported[own] = type
      } else {
        contents.arrays.append((own, try NPY.decode(bytes, named: title)))
      }
    }
    return contents
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
