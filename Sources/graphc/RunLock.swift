import Elbow
import ElbowConsole
import Foundation

/// Keeps a second training out of a folder while the first writes to it: an advisory lock on `FOLDER/lock`, which ends with
/// the process, however it ends.
struct RunLock {
  /// The name of the file that is locked; it holds the number of the process and stays when that has ended.
  static let fileName = "lock"

  /// Takes the lock, for as long as the process lives.
  ///
  /// - Throws: `ElbowError` of kind `file` that names the process that has it. Where files cannot be locked, nothing is.
  static func take(_ folder: URL) throws {
    let file = folder.appendingPathComponent(fileName)
    let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else {
      _ = ftruncate(descriptor, 0)
      Console.write("\(getpid())\n", to: descriptor)
      return
    }
    let isTaken = errno == EWOULDBLOCK
    close(descriptor)
    guard isTaken else { return }
    let process = (try? String(contentsOf: file, encoding: .utf8)).flatMap {
      Int32($0.trimmingCharacters(in: .newlines))
    }
    throw ElbowError(
      .file,
      "Another training\(process.map { ", process \($0)," } ?? "") is writing to the folder '\(folder.relativePath)'; wait "
        + "until it has ended, or choose another folder with --output.")
  }
}
