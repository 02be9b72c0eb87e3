import ElbowArrays

/// Builds a zip archive of stored entries, without times, so that the same contents give the same bytes.
struct ZipWriter {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var names: Set<String> = []

  /// Appends an entry.
  ///
  /// - Throws: ``ElbowError`` when the name is taken or too long, or the archive would need zip64.
  mutating func append(_ name: String, _ contents: [UInt8]) throws {
    let utf8 = Array(name.utf8)
    guard utf8.count < 0xffff else {
      throw ElbowError(.invalidArgument, "The entry name '\(name.prefix(40))...' is too long for a zip archive.")
    }
    guard names.insert(name).inserted else {
      throw ElbowError(.invalidArgument, "Two entries of a zip archive cannot both be named '\(name)'.")
    }
    guard names.count < 0xffff, bytes.count + contents.count + utf8.count < 0xffff_0000 else {
      throw ElbowError(
        .invalidArgument, "The archive would exceed 4 GiB or 65534 entries, which needs zip64; write several files.")
    }
    // The common part of the local header and the directory: version 2.0, UTF-8 names, stored, 1980-01-01.
    var common: [UInt8] = [20, 0, 0, 0x08, 0, 0, 0, 0, 0x21, 0]
    common.appendLittle(UInt64(ZipArchive.crc32(of: contents)), 4)
    common.appendLittle(UInt64(contents.count), 4)
    common.appendLittle(UInt64(contents.count), 4)
    common.appendLittle(UInt64(utf8.count), 2)
    common.appendLittle(0, 2)

    directory += [0x50, 0x4b, 0x01, 0x02, 20, 0] + common + [UInt8](repeating: 0, count: 10)
    directory.appendLittle(UInt64(bytes.count), 4)
    directory += utf8
    bytes += [0x50, 0x4b, 0x03, 0x04] + common + utf8
    bytes += contents
  }

  /// The finished archive.
  func finished() -> [UInt8] {
    var end: [UInt8] = [0x50, 0x4b, 0x05, 0x06, 0, 0, 0, 0]
    end.appendLittle(UInt64(names.count), 2)
    end.appendLittle(UInt64(names.count), 2)
    end.appendLittle(UInt64(directory.count), 4)
    end.appendLittle(UInt64(bytes.count), 4)
    end.appendLittle(0, 2)
    return bytes + directory + end
  }
}
