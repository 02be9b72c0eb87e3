import ElbowArrays
import Foundation

/// Folders that files are going to be written to.
public enum Folder {
  /// Makes a folder, with those above it, unless it is there.
  ///
  /// - Throws: `ElbowError` of kind `file`, with the system's reason, when it cannot be made or written to.
  public static func make(_ folder: URL) throws {
    let path = folder.standardizedFileURL.path
    var made = ""
    for part in path.split(separator: "/") {
      made += "/" + part
      guard mkdir(made, 0o777) == 0 || isThere(made) else {
        throw ElbowError(.file, "The folder '\(path)' cannot be made: \(FileContents.systemMessage()).")
      }
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw ElbowError(.file, "The folder '\(path)' cannot be made: a file of that name is in the way.")
    }
    guard access(path, W_OK) == 0 else {
      throw ElbowError(.file, "The folder '\(path)' cannot be written to: \(FileContents.systemMessage()).")
    }
  }

  /// Whether a name that could not be made is taken, whatever the system says of making it; leaves `errno` alone if not.
  private static func isThere(_ path: String) -> Bool {
    let reason = errno
    defer { errno = reason }
    return access(path, F_OK) == 0
  }
}
