import CZlib
import ElbowArrays

/// The part of the zip format that `.npz` files use: stored and deflated entries, no encryption, no zip64.
///
/// The central directory at the archive's end is what counts; local headers are only checked against it.
struct ZipArchive {
  /// One line of the central directory.
  struct Entry {
    let name: String
    let isDeflated: Bool
    let crc: UInt32
    let compressedCount: Int
    let count: Int
    /// Where the entry's compressed bytes lie in the archive.
    fileprivate(set) var range: Range<Int>
  }

  /// The entries in the order of the central directory.
  let entries: [Entry]
  private let bytes: [UInt8]
  private let name: String

  /// Reads the directory of an archive.
  ///
  /// - Throws: ``ElbowError`` when the archive is damaged, uses what is not supported, has entries that overlap or
  ///   share a name, or announces entries that together exceed `limit` bytes.
  init(_ bytes: [UInt8], limit: Int, named name: String) throws {
    self.bytes = bytes
    self.name = name
    let (count, directory) = try ZipArchive.findDirectory(bytes, name)
    var reader = ByteReader(bytes, named: name, at: directory.lowerBound)
    var entries: [Entry] = []
    for _ in 0..<count {
      entries.append(try ZipArchive.readEntry(&reader, directoryStart: directory.lowerBound))
    }
    guard reader.offset == directory.upperBound else {
      throw ElbowError(
        .file, "\(name) has a zip directory that ends at byte \(reader.offset), not \(directory.upperBound) as it says."
      )
    }
    try ZipArchive.check(entries, limit: limit, name)
    self.entries = entries
  }

  /// The contents of an entry, with their CRC checked.
  func contents(of entry: Entry) throws -> [UInt8] {
    let title = "\(name), entry '\(entry.name)',"
    let stored = bytes[entry.range]
    let contents =
      entry.isDeflated
      ? try Inflate.decompress(stored, wrapping: .none, limit: entry.count, named: title) : [UInt8](stored)
    guard contents.count == entry.count else {
      throw ElbowError(.file, "\(title) announces \(entry.count) bytes but holds \(contents.count).")
    }
    let crc = ZipArchive.crc32(of: contents)
    guard crc == entry.crc else {
      throw ElbowError(
        .file,
        """
        \(title) is damaged: its CRC is \(String(crc, radix: 16)), but the directory says \
        \(String(entry.crc, radix: 16)).
        """)
    }
    return contents
  }

  static func crc32(of bytes: [UInt8]) -> UInt32 {
    var crc = CZlib.crc32(0, nil, 0)
    bytes.withUnsafeBufferPointer { buffer in
      for start in stride(from: 0, to: buffer.count, by: 1 << 30) {
        crc = CZlib.crc32(crc, buffer.baseAddress.map { $0 + start }, UInt32(min(buffer.count - start, 1 << 30)))
      }
    }
    return UInt32(truncatingIfNeeded: crc)
  }

  // MARK: - Reading the directory

  private static let endByteCount = 22

  /// The number of entries, and where the central directory lies.
  private static func findDirectory(_ bytes: [UInt8], _ name: String) throws -> (Int, Range<Int>) {
    guard bytes.starts(with: [0x50, 0x4b]) else {
      throw ElbowError(.file, "\(name) is not a zip archive: expected it to start with 'PK'.")
    }
    // The end record is followed only by a comment of at most 65535 bytes, whose length it holds.
    let last = bytes.count - endByteCount
    let first = max(0, last - 65_535)
    let places = last < 0 ? 0..<0 : first..<last + 1
    let start = places.last { at in
      bytes[at..<at + 4].elementsEqual([0x50, 0x4b, 0x05, 0x06])
        && at + endByteCount + Int(bytes[at + 20]) + Int(bytes[at + 21]) << 8 == bytes.count
    }
    guard let start else {
      throw ElbowError(.file, "\(name) is not a whole zip archive: it does not end with a directory; is it truncated?")
    }
    var reader = ByteReader(bytes, named: name, at: start + 4)
    let disk = try reader.little(2, "the disk number")
    let directoryDisk = try reader.little(2, "the directory's disk number")
    let countHere = Int(try reader.little(2, "the number of entries"))
    let count = Int(try reader.little(2, "the number of entries"))
    let size = Int(try reader.little(4, "the directory's size"))
    let offset = Int(try reader.little(4, "the directory's offset"))
    guard count != 0xffff, size != 0xffff_ffff, offset != 0xffff_ffff else { throw zip64Error(name) }
    guard disk == 0, directoryDisk == 0, countHere == count else {
      throw ElbowError(.file, "\(name) is one part of a zip archive in several files, which is not supported.")
    }
    guard offset + size == start else {
      throw ElbowError(
        .file,
        """
        \(name) has a zip directory of \(size) bytes at byte \(offset), which does not end at byte \(start), where the \
        end record begins.
        """)
    }
    return (count, offset..<start)
  }

  private static func readEntry(_ reader: inout ByteReader, directoryStart: Int) throws -> Entry {
    let archive = reader.name
    let what = "a directory entry"
    guard try reader.little(4, what) == 0x0201_4b50 else {
      throw ElbowError(.file, "\(archive) has a damaged zip directory: an entry's signature is missing.")
    }
    _ = try reader.slice(4, what)
    let flags = try reader.little(2, what)
    let method = try reader.little(2, what)
    _ = try reader.slice(4, what)
    let crc = UInt32(try reader.little(4, what))
    let compressedCount = Int(try reader.little(4, what))
    let count = Int(try reader.little(4, what))
    let nameCount = Int(try reader.little(2, what))
    let extraCount = Int(try reader.little(2, what))
    let commentCount = Int(try reader.little(2, what))
    _ = try reader.slice(8, what)
    let offset = Int(try reader.little(4, what))
    let name = String(decoding: try reader.slice(nameCount, what), as: UTF8.self)
    _ = try reader.slice(extraCount + commentCount, what)

    guard compressedCount != 0xffff_ffff, count != 0xffff_ffff, offset != 0xffff_ffff else { throw zip64Error(archive) }
    guard flags & 1 == 0 else { throw ElbowError(.file, "\(archive), entry '\(name)', is encrypted.") }
    guard method == 0 || method == 8 else {
      throw ElbowError(
        .file,
        """
        \(archive), entry '\(name)', uses the zip compression method \(method); supported are 0 (stored) and \
        8 (deflated).
        """)
    }
    guard method == 8 || count == compressedCount else {
      throw ElbowError(
        .file, "\(archive), entry '\(name)', is stored but announces \(compressedCount) bytes for \(count).")
    }
    // Its sizes may be missing and its extra field differs, so of the local header only the lengths are used.
    var local = ByteReader(reader.bytes, named: archive, at: offset)
    guard try local.little(4, "a local header") == 0x0403_4b50 else {
      throw ElbowError(.file, "\(archive), entry '\(name)', does not begin at byte \(offset) as the directory says.")
    }
    _ = try local.slice(22, "a local header")
    let localName = Int(try local.little(2, "a local header"))
    let localExtra = Int(try local.little(2, "a local header"))
    _ = try local.slice(localName + localExtra, "a local header")
    let start = local.offset
    guard compressedCount <= directoryStart - start else {
      throw ElbowError(
        .file,
        """
        \(archive), entry '\(name)', announces \(compressedCount) bytes at byte \(start), but the directory begins at \
        byte \(directoryStart).
        """)
    }
    return Entry(
      name: name, isDeflated: method == 8, crc: crc, compressedCount: compressedCount, count: count,
      range: start..<start + compressedCount)
  }

  private static func check(_ entries: [Entry], limit: Int, _ name: String) throws {
    var names: Set<String> = []
    var total = 0
    for entry in entries {
      guard names.insert(entry.name).inserted else {
        throw ElbowError(.file, "\(name) has two entries named '\(entry.name)'.")
      }
      guard entry.count / Inflate.greatestRatio <= entry.compressedCount else {
        throw ElbowError(
          .file,
          """
          \(name), entry '\(entry.name)', announces \(entry.count) bytes, more than its \(entry.compressedCount) \
          compressed bytes can hold.
          """)
      }
      // Each is below 4 GiB and there are fewer than 65535, so the sum fits.
      total += entry.count
    }
    guard total <= limit else {
      throw ElbowError(.file, "\(name) expands to \(total) bytes, more than the \(limit) bytes allowed for it.")
    }
    // Entries that share bytes are how a small archive expands without bound.
    let inOrder = entries.sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (one, next) in zip(inOrder, inOrder.dropFirst()) where one.range.upperBound > next.range.lowerBound {
      throw ElbowError(.file, "\(name) has overlapping entries, '\(one.name)' and '\(next.name)'.")
    }
  }

  private static func zip64Error(_ name: String) -> ElbowError {
    ElbowError(
      .file, "\(name) is a zip64 archive, which is not supported; keep each archive below 4 GiB and 65535 entries.")
  }
}
