import Foundation
import Synchronization

/// An empty folder for a test's files, which is removed with all that it holds when the object goes, and at the end of the
/// process at the latest.
///
/// An object may go as soon as it is used for the last time. So a test keeps it in a property of its suite, which stays
/// until the test has ended, or calls ``withTemporaryFolder(_:)``; a folder that tests share is kept by a static property.
public final class TemporaryFolder: Sendable {
  public let url: URL
  public var path: String { url.path }

  /// Creates a folder that its owner alone can use, as caches of compiled code have to be.
  ///
  /// - Parameter name: What the folder's name begins with; the rest is its own.
  public init(_ name: String = "elbow") throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)")
    _ = TemporaryFolder.isRemovedAtExit
    TemporaryFolder.all.withLock { _ = $0.insert(url) }
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
    TemporaryFolder.all.withLock { _ = $0.remove(url) }
  }

  /// The place of a file or folder in it.
  public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  // MARK: The end of the process

  /// The folders that are there.
  private static let all = Mutex<Set<URL>>([])

  private static let isRemovedAtExit = atexit { TemporaryFolder.removeAll() } == 0

  private static func removeAll() {
    for url in all.withLock({ $0 }) { try? FileManager.default.removeItem(at: url) }
  }
}

/// Calls a body with an empty folder, which is gone afterwards.
public func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  return try withExtendedLifetime(folder) { try body(folder.url) }
}
