import ElbowArrays
import Foundation

/// A file of arrays or numbers, which has been read but not decoded.
package struct DataFile {
  package enum Format {
    case npy, npz, safetensors, csv, idx
  }

  package let url: URL
  package let format: Format
  package let bytes: [UInt8]

  /// Reads a user's file. Its name says the format; where that has no ending, as a pipe's has none, the contents do.
  ///
  /// - Throws: ``ElbowError`` when the format is unknown, or the file cannot be read.
  package init(contentsOf url: URL) throws {
    let named = Format(name: url.lastPathComponent)
    guard named != nil || url.pathExtension.isEmpty else { throw DataFile.unknown(url) }
    bytes = try FileContents.read(url)
    guard let format = named ?? Format(recognizing: bytes) else { throw DataFile.unknown(url) }
    self.format = format
    self.url = url
  }

  private static func unknown(_ url: URL) -> ElbowError {
    ElbowError(
      .data,
      """
      The file \(url.path) has an unknown format; data sets are read from .npy, .npz, .safetensors, .csv, .idx, \
      .idx.gz and from files in the style of train-images-idx3-ubyte.gz.
      """)
  }
}

extension DataFile.Format {
  /// The format that a file's name says.
  package init?(name: String) {
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    switch URL(fileURLWithPath: name).pathExtension.lowercased() {
    case "npy": self = .npy
    case "npz": self = .npz
    case "safetensors": self = .safetensors
    case "csv": self = .csv
    case _ where plain.hasSuffix(".idx") || plain.hasSuffix("-ubyte"): self = .idx
    default: return nil
    }
  }

  /// The format that contents begin as; what is text is CSV.
  package init?(recognizing bytes: [UInt8]) {
    let start = bytes.prefix(1024)
    if start.count > 8, start[4..<9] == [0, 0, 0, 0, UInt8(ascii: "{")] {
      // A header's length, in eight bytes of which any may be the first, and the header.
      self = .safetensors
    } else if start.starts(with: NPY.magic) {
      self = .npy
    } else if start.starts(with: Array("PK".utf8)) {
      self = .npz
    } else if Gzip.isCompressed(bytes) || start.starts(with: [0, 0]) {
      self = .idx
    } else if !start.contains(0) {
      self = .csv
    } else {
      return nil
    }
  }
}
