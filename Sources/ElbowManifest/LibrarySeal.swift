import ElbowArrays
import Foundation

/// The end of a built library: a mark, and the SHA-256 digest of all bytes before it.
///
/// The dynamic loader does not look beyond what the headers name, but it believes everything within: a library that was
/// damaged on its way ends the process. So whoever loads one compares the digest first. Libraries that somebody else has
/// linked have no seal.
package enum LibrarySeal {
  private static let mark = [UInt8]("ELBOWSUM".utf8)
  private static let byteCount = mark.count + 32

  /// The verdict of a file's seal.
  package enum State: Sendable {
    /// The file is as it was built.
    case intact
    /// It is not.
    case damaged
    /// It has no seal.
    case missing
  }

  /// Puts a seal on a finished library.
  ///
  /// - Throws: `ElbowError` of kind `file` when it cannot be read or written.
  package static func seal(_ url: URL) throws {
    do {
      let file = try FileHandle(forUpdating: url)
      defer { try? file.close() }
      let end = try file.seekToEnd()
      try file.write(contentsOf: Data(mark + digest(of: file, count: end)))
    } catch {
      throw ElbowError(.file, "The library '\(url.path)' cannot be written: \(error.systemReason).")
    }
  }

  /// Compares a file with its seal; one that cannot be read counts as damaged.
  package static func state(of url: URL) -> State {
    guard let file = try? FileHandle(forReadingFrom: url) else { return .damaged }
    defer { try? file.close() }
    do {
      let end = try file.seekToEnd()
      guard end >= UInt64(byteCount) else { return .missing }
      let contents = end - UInt64(byteCount)
      try file.seek(toOffset: contents)
      let seal = [UInt8](try file.read(upToCount: byteCount) ?? Data())
      guard seal.starts(with: mark) else { return .missing }
      return try mark + digest(of: file, count: contents) == seal ? .intact : .damaged
    } catch {
      return .damaged
    }
  }

  /// The digest of a file's first bytes, after which the file stands.
  private static func digest(of file: FileHandle, count: UInt64) throws -> [UInt8] {
    var hash = SHA256()
    var rest = count
    try file.seek(toOffset: 0)
    while rest > 0, let piece = try file.read(upToCount: Int(min(rest, 1 << 20))), !piece.isEmpty {
      piece.withUnsafeBytes { hash.update($0) }
      rest -= UInt64(piece.count)
    }
    return hash.finish()
  }
}
