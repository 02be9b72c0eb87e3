import ElbowArrays
import Foundation

/// Files that are either written whole or not at all.
public enum AtomicFile {
  /// Writes a file through a temporary one in the same folder, which then takes the file's name.
  ///
  /// A reader sees the old contents or the new ones, never a part, also after a crash. Where the name is a symbolic
  /// link, the file it leads to is replaced.
  ///
  /// - Throws: ``ElbowError`` when the folder cannot be written, the disk is full, or the name belongs to something
  ///   other than a regular file. The previous file is then untouched and the temporary one removed.
  public static func write(_ data: some ContiguousBytes, to url: URL) throws {
    try write(to: url) { descriptor, path in
      try data.withUnsafeBytes { try writeAll($0, to: descriptor, path) }
    }
  }

  /// Writes what `body` gives to the descriptor; what it throws undoes the attempt.
  static func write(to url: URL, _ body: (_ descriptor: Int32, _ path: String) throws -> Void) throws {
    let target = url.resolvingSymlinksInPath()
    var mode: mode_t = 0o666
    var status = stat()
    let replaces = stat(target.path, &status) == 0
    if replaces {
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw ElbowError(.file, "Cannot write \(url.path): a folder or device of that name is in the way.")
      }
      mode = status.st_mode & 0o777
    }

    let folder = target.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent(".elbow-\(UUID().uuidString).tmp").path
    // Until the rename, the umask decides over a new file's mode, as with any other program.
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      throw ElbowError(
        .file, "Cannot write \(url.path): no file can be created in its folder (\(FileContents.systemMessage())).")
    }
    var isOpen = true
    do {
      try body(descriptor, url.path)
      if replaces { fchmod(descriptor, mode) }
      try check(fsync(descriptor), "the data cannot be stored", url)
      isOpen = false
      try check(close(descriptor), "the data cannot be stored", url)
      try check(rename(temporary, target.path), "the finished file cannot be put in place", url)
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      throw error
    }
    // The new name itself lasts through a power failure only once the folder is stored; not every file system can.
    let folderDescriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folderDescriptor >= 0 {
      fsync(folderDescriptor)
      close(folderDescriptor)
    }
  }

  private static func check(_ status: Int32, _ failure: String, _ url: URL) throws {
    guard status == 0 else {
      throw ElbowError(.file, "Cannot write \(url.path): \(failure) (\(FileContents.systemMessage())).")
    }
  }

  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    var written = 0
    while written < bytes.count, let base = bytes.baseAddress {
      let count = Foundation.write(descriptor, base + written, min(bytes.count - written, 1 << 30))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw ElbowError(
          .file,
          "Cannot write \(path): \(FileContents.systemMessage()) after \(written) of \(bytes.count) bytes.")
      }
      written += count
    }
  }
}
