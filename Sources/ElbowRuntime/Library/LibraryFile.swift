import ElbowArrays
import Foundation

/// A file that is read in pieces, each checked against its size, with little-endian integers.
struct LibraryFile {
  let path: String
  let size: UInt64
  private let file: FileHandle

  /// - Throws: ``ElbowError`` when there is no regular file at `url`, or it cannot be opened.
  init(_ url: URL) throws {
    path = url.path
    let attributes: [FileAttributeKey: Any]
    do {
      // Resolved first: the attributes of a link are its own.
      attributes = try FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)
    } catch {
      throw ElbowError(.file, "There is no library at '\(url.path)'.")
    }
    // A pipe would block when it is opened.
    guard attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? NSNumber else {
      throw ElbowError(.file, "'\(url.path)' is not a file.")
    }
    self.size = size.uint64Value
    do {
      file = try FileHandle(forReadingFrom: url)
    } catch {
      throw ElbowError(.file, "The library '\(url.path)' cannot be opened: \(error.systemReason).")
    }
  }

  /// Whether `count` bytes from `offset` lie inside the file.
  func contains(offset: UInt64, count: UInt64) -> Bool {
    offset <= size && count <= size - offset
  }

  /// The bytes from `offset`.
  ///
  /// - Throws: ``ElbowError`` when they do not lie inside the file; `what` names them.
  func read(_ what: String, offset: UInt64, count: UInt64) throws -> [UInt8] {
    guard contains(offset: offset, count: count), let wanted = Int(exactly: count) else {
      throw truncated(what)
    }
    guard wanted > 0 else { return [] }
    let data: Data?
    do {
      try file.seek(toOffset: offset)
      data = try file.read(upToCount: wanted)
    } catch {
      throw ElbowError(.file, "The library '\(path)' cannot be read: \(error.systemReason).")
    }
    guard let data, data.count == wanted else { throw truncated(what) }
    return [UInt8](data)
  }

  func truncated(_ what: String) -> ElbowError {
    ElbowError(.library, "The library '\(path)' is truncated: its \(what) would lie beyond the end of the file.")
  }
}

extension [UInt8] {
  /// The unsigned little-endian integer at `offset`; bytes beyond the end count as 0.
  func littleEndian<Integer: FixedWidthInteger>(_ type: Integer.Type, at offset: Int) -> Integer {
    var value: Integer = 0
    for index in (0..<MemoryLayout<Integer>.size).reversed() {
      let position = offset + index
      value = (value << 8) | Integer(truncatingIfNeeded: indices.contains(position) ? self[position] : 0)
    }
    return value
  }
}
