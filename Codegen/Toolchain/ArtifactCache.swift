import ElbowArrays
import ElbowManifest
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Compiled libraries on disk, by content: what they were made from, by what, for what.
///
/// The folder belongs to one user; one that others can write to is refused, for what is loaded from it runs as that user.
/// Entries are written under another name and renamed, so that processes never see each other's halves.
public struct ArtifactCache: Sendable {
  public let folder: URL

  /// The cache in `$XDG_CACHE_HOME/elbow`, or `$HOME/.cache/elbow`.
  public static func standard() throws -> ArtifactCache { try ArtifactCache(folder: CacheFolder.url()) }

  /// - Throws: `ElbowError` if the folder cannot be made, belongs to somebody else, or others can write to it.
  public init(folder: URL) throws {
    self.folder = folder
    let manager = FileManager.default
    do {
      try manager.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw ElbowError(.file, "The cache folder '\(folder.path)' cannot be made: \(error.localizedDescription)")
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

  /// The library of that key, if it is there.
  public func library(_ key: String) -> URL? {
    let url = location(key)
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }

  func location(_ key: String) -> URL { folder.appendingPathComponent("\(key).so") }

  /// A new folder within the cache to work in.
  func workFolder() throws -> URL {
    let url = folder.appendingPathComponent("work-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
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
    return target
  }

  private func link(_ source: String, _ target: String) -> Bool {
    #if canImport(Glibc)
      Glibc.link(source, target) == 0
    #else
      (try? FileManager.default.linkItem(atPath: source, toPath: target)) != nil
    #endif
  }

  /// Puts a finished library in its place.
  func store(_ library: URL, as key: String) throws -> URL {
    let target = location(key)
    guard rename(library.path, target.path) == 0 else {
      throw ElbowError(.file, "'\(target.path)' could not be written: \(String(cString: strerror(errno))).")
    }
    return target
  }
}
