import Elbow
import TestFolders

/// Compiled code of these tests alone, kept as long as they run.
enum TestCache {
  private static let folder = Result { try TemporaryFolder("elbow-inference") }

  static func cache() throws -> ArtifactCache { try ArtifactCache(folder: folder.get().url) }
}
