import ElbowArrays
import ElbowManifest
import Foundation

/// Compiled libraries on disk, by content: what they were made from, by what, for what.
///
/// The folder belongs to one user; one that others can write to is refused, for what is loaded from it runs as that user.
/// Entries are written under another name, stored, and renamed, so that processes never see each other's halves. Each ends
/// with its digest (`LibrarySeal`), and one that is not what was stored is removed instead of used.
///
/// Libraries that were not used for the longest go once all together exceed a bound: 4 GiB, or what `$ELBOW_CACHE_SIZE`
/// says, such as `500M` or `20G`.
public struct ArtifactCache: Sendable {
  /// The folder of the libraries.
  public let folder: URL
  /// The most bytes that the libraries take together, but for the one that was stored last.
  public let byteLimit: Int

  /// The cache in `$XDG_CACHE_HOME/elbow`, or `$HOME/.cache/elbow`.
  public static func standard() throws -> ArtifactCache { try ArtifactCache(folder: CacheFolder.url()) }

  /// - Parameter byteLimit: The bound; nil for that of `$ELBOW_CACHE_SIZE`.
  /// - Throws: `ElbowError` if the folder cannot be made, belongs to somebody else, or others can write to it, or if
  ///   `$ELBOW_CACHE_SIZE` is no size.
  public init(folder: URL, byteLimit: Int? = nil) throws {
    self.folder = folder
    self.byteLimit = try byteLimit ?? ArtifactCache.byteLimit(ProcessInfo.processInfo.environment)
    let manager = FileManager.default
    do {
      try manager.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw ElbowError(.file, "The cache folder '\(folder.path)' cannot be made: \(error.systemReason).")
    }
    var status = stat()
    guard stat(folder.path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw ElbowError(.file, "The cache '\(folder.path)' is not a folder.")
    }
    guard status.st_uid == geteuid() else {
      throw ElbowError(
        .file, "The cache folder '\(folder.path)' belongs to another user; set XDG_CACHE_HOME to a folder of your own.")
    }
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      throw ElbowError(
        .file,
        "Others can write to the cache folder '\(folder.path)', and what lies in it is run: make it private with "
          + "'chmod go-w', or set XDG_CACHE_HOME.")
    }
  }

  /// The library of that key, if it is there and whole; using it makes it the last to go.
  public func library(_ key: String) -> URL? {
    let url = location(key)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    guard LibrarySeal.state(of: url) == .intact else {
      unlink(url.path)
      return nil
    }
    utimensat(AT_FDCWD, url.path, nil, 0)
    return url
  }

  func location(_ key: String) -> URL { folder.appendingPathComponent("\(key).so") }

  /// A new folder within the cache to work in.
  func workFolder() throws -> URL {
    let url = folder.appendingPathComponent("work-\(UUID().uuidString)", isDirectory: true)
    guard mkdir(url.path, 0o700) == 0 else {
      throw ElbowError(.file, "The folder '\(url.path)' cannot be made: \(String(cString: strerror(errno))).")
    }
    return url
  }

  /// Makes a library known under another key.
  func link(_ key: String, to known: String) throws -> URL {
    let target = location(key)
    let temporary = folder.appendingPathComponent("link-\(UUID().uuidString)")
    guard link(location(known).path, temporary.path), rename(temporary.path, target.path) == 0 else {
      unlink(temporary.path)
      return location(known)
    }
    // Renaming one name of a file to another of its names does nothing, and leaves both.
    unlink(temporary.path)
    return target
  }

  private func link(_ source: String, _ target: String) -> Bool {
    #if canImport(Glibc)
      Glibc.link(source, target) == 0
    #else
      (try? FileManager.default.linkItem(atPath: source, toPath: target)) != nil
    #endif
  }

  /// Puts a finished and sealed library in its place.
  func store(_ library: URL, as key: String) throws -> URL {
    let target = location(key)
    try AtomicFile.move(library, to: target)
    removeUnused(but: target)
    return target
  }
}

// MARK: The bound

extension ArtifactCache {
  private static let standardByteLimit = 4 << 30

  /// The limit in `$ELBOW_CACHE_SIZE`: a number of bytes, or one with K, M, G or T after it, each 1024 times the one before.
  static func byteLimit(_ environment: [String: String]) throws -> Int {
    guard let text = environment["ELBOW_CACHE_SIZE"], !text.isEmpty else { return standardByteLimit }
    let shift = text.last.flatMap { ["K": 10, "M": 20, "G": 30, "T": 40][$0.uppercased()] }
    guard let number = Int(shift == nil ? text[...] : text.dropLast()), number >= 0,
      number <= Int.max >> (shift ?? 0)
    else {
      throw ElbowError(
        .invalidArgument,
        "The environment variable ELBOW_CACHE_SIZE is '\(text.prefix(40))'; expected a number of bytes such as 500M or 20G."
      )
    }
    return number << (shift ?? 0)
  }

  /// A library under all its names.
  private struct Entry {
    var names: [String]
    let byteCount: Int
    let lastUse: (Int, Int)
  }

  /// Removes the libraries that were not used for the longest, until the rest is within the bound, and what compilations
  /// that were interrupted have left.
  private func removeUnused(but newest: URL) {
    var entries: [ino_t: Entry] = [:]
    let now = time(nil)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
      let path = folder.appendingPathComponent(name).path
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      if name.hasSuffix(".so") {
        let entry = Entry(
          names: [], byteCount: Int(status.st_size), lastUse: (status.st_mtim.tv_sec, status.st_mtim.tv_nsec))
        entries[status.st_ino, default: entry].names.append(path)
      } else if name.hasPrefix("work-") || name.hasPrefix("link-"), now - status.st_mtim.tv_sec > 86_400 {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
    var total = entries.values.reduce(0) { $0 + $1.byteCount }
    for entry in entries.values.sorted(by: { $0.lastUse < $1.lastUse }) where total > byteLimit {
      if entry.names.contains(newest.path) { continue }
      for path in entry.names { unlink(path) }
      total -= entry.byteCount
    }
  }
}
