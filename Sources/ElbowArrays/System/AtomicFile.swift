import Foundation

/// Files that are either written whole or not at all.
public enum AtomicFile {
  /// Writes a file through a temporary one in the same folder, which then takes the file's name.
  ///
  /// A reader sees the old contents or the new ones, never a part, also after a crash. Where the name is a symbolic
  /// link, the file it leads to is replaced. `/dev/stdout` takes what it is given as it comes.
  ///
  /// - Throws: ``ElbowError`` when the folder cannot be written, the disk is full, or the name belongs to something
  ///   other than a regular file. The previous file is then untouched and the temporary one removed.
  public static func write(_ data: some ContiguousBytes, to url: URL) throws {
    try write(data, to: url, permissions: 0o666)
  }

  /// Writes a file that is new with some permissions, of which the umask takes away.
  package static func write(_ data: some ContiguousBytes, to url: URL, permissions: mode_t) throws {
    try write(to: url, permissions: permissions) { descriptor, path in
      try data.withUnsafeBytes { try writeAll($0, to: descriptor, path) }
    }
  }

  /// Writes what `body` gives to the descriptor; what it throws undoes the attempt.
  package static func write(
    to url: URL, permissions: mode_t = 0o666, _ body: (_ descriptor: Int32, _ path: String) throws -> Void
  ) throws {
    if let stream = OpenStream.descriptor(of: url) { return try body(stream, url.path) }
    let target = url.resolvingSymlinksInPath()
    var mode = permissions
    var status = stat()
    let replaces = stat(target.path, &status) == 0
    if replaces {
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw ElbowError(.file, "Cannot write \(url.path): a folder or device of that name is in the way.")
      }
      mode = status.st_mode & 0o777
    }

    let folder = target.deletingLastPathComponent()
    // Until the rename, the umask decides over a new file's mode, as with any other program.
    let (descriptor, temporary) = try makeTemporary(in: folder, mode, for: url)
    // The file stays locked until it has its name: what nobody has locked, nobody is writing any more.
    defer { close(descriptor) }
    do {
      try body(descriptor, url.path)
      if replaces { fchmod(descriptor, mode) }
      try check(fsync(descriptor), "the data cannot be stored", url)
      try check(rename(temporary, target.path), "the finished file cannot be put in place", url)
    } catch {
      unlink(temporary)
      throw error
    }
    storeNames(in: folder)
  }

  /// Adds to the end of a file: all of the data, or none.
  ///
  /// - Throws: ``ElbowError`` when the file cannot be written, or the disk is full. What was written of the data is then taken off
  ///   again.
  public static func append(_ data: some ContiguousBytes, to url: URL) throws {
    let descriptor = open(url.path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC)
    try check(descriptor, "the file cannot be opened", url)
    defer { close(descriptor) }
    var status = stat()
    try check(fstat(descriptor, &status), "the file cannot be examined", url)
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ElbowError(.file, "Cannot write \(url.path): it is no regular file.")
    }
    do {
      try data.withUnsafeBytes { try writeAll($0, to: descriptor, url.path) }
    } catch {
      _ = ftruncate(descriptor, status.st_size)
      throw error
    }
  }

  /// Gives a finished file, which another program may have written, its name in the same folder or another one of the same
  /// file system, once its contents are stored.
  package static func move(_ file: URL, to target: URL) throws {
    let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
    try check(descriptor, "the finished file cannot be opened", target)
    let status = fsync(descriptor)
    let reason = errno
    close(descriptor)
    errno = reason
    try check(status, "the data cannot be stored", target)
    try check(rename(file.path, target.path), "the finished file cannot be put in place", target)
    storeNames(in: target.deletingLastPathComponent())
  }

  private static let (temporaryPrefix, temporarySuffix) = (".elbow-", ".tmp")

  /// A new file that is open for writing, and locked; `made` is called before it is locked.
  package static func makeTemporary(
    in folder: URL, _ mode: mode_t, for url: URL, made: () -> Void = {}
  ) throws -> (descriptor: Int32, path: String) {
    while true {
      let path = folder.appendingPathComponent(temporaryPrefix + UUID().uuidString + temporarySuffix).path
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      guard descriptor >= 0 else {
        throw ElbowError(
          .file, "Cannot write \(url.path): no file can be created in its folder (\(systemMessage())).")
      }
      made()
      while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
      var status = stat()
      if fstat(descriptor, &status) != 0 || status.st_nlink > 0 { return (descriptor, path) }
      // Another program took it for an abandoned one before it was locked.
      close(descriptor)
    }
  }

  /// Removes what programs that were killed had begun to write in a folder. What another one is writing to is locked, and stays.
  ///
  /// - Parameter folder: Where finished files would have got their names; folders in it are left alone.
  package static func removeAbandoned(in folder: URL) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
      guard name.hasPrefix(temporaryPrefix), name.hasSuffix(temporarySuffix) else { continue }
      let path = folder.appendingPathComponent(name).path
      let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var status = stat()
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0,
        status.st_mode & S_IFMT == S_IFREG
      else { continue }
      unlink(path)
    }
  }

  /// A new name itself lasts through a power failure only once the folder is stored; not every file system can.
  private static func storeNames(in folder: URL) {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// The system's words about the latest failure, "No space left on device".
  private static func systemMessage() -> String { String(cString: strerror(errno)) }

  private static func check(_ status: Int32, _ failure: String, _ url: URL) throws {
    guard status >= 0 else {
      throw ElbowError(.file, "Cannot write \(url.path): \(failure) (\(systemMessage())).")
    }
  }

  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    let written = OpenStream.write(bytes, to: descriptor)
    guard written == bytes.count else {
      throw ElbowError(
        .file,
        "Cannot write \(path): \(systemMessage()) after \(written) of \(bytes.count) bytes.")
    }
  }
}
