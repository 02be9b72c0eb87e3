import ElbowArrays
import Foundation

/// Whole files as bytes, with the checks that every reader needs first.
package enum FileContents {
  /// The largest file that is read, and the most that a compressed one may expand to unless the caller says otherwise.
  package static let defaultLimit = 4 << 30

  /// The bytes of a regular file, or of what is open already: `/dev/stdin`, or the pipe of a shell's `<(command)`.
  ///
  /// - Throws: ``ElbowError`` when the file is missing, unreadable, not a regular file, or larger than `limit`.
  package static func read(_ url: URL, limit: Int = defaultLimit) throws -> [UInt8] {
    if let stream = OpenStream.descriptor(of: url) { return try read(stream, url, limit: limit) }
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let descriptor = open(url.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ElbowError(.file, "The file \(url.path) cannot be opened: \(systemMessage()).")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw ElbowError(.file, "The file \(url.path) cannot be examined: \(systemMessage()).")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ElbowError(.file, "Expected \(url.path) to be a regular file, but it is a folder or a device.")
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw ElbowError(
        .file, "The file \(url.path) has \(size) bytes, more than the \(limit) bytes that are read at most.")
    }
    var failure: Int32?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size, let base = buffer.baseAddress {
        let got = Foundation.read(descriptor, base + count, size - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        count += got
      }
    }
    if let failure {
      throw ElbowError(.file, "The file \(url.path) cannot be read: \(systemMessage(failure)).")
    }
    guard bytes.count == size else {
      throw ElbowError(.file, "The file \(url.path) shrank from \(size) to \(bytes.count) bytes while it was read.")
    }
    return bytes
  }

  /// The bytes that a stream has until it ends. There is nothing left for a second time.
  private static func read(_ stream: Int32, _ url: URL, limit: Int) throws -> [UInt8] {
    let (bytes, failure) = OpenStream.read(stream, limit: limit)
    if let failure {
      throw ElbowError(.file, "The stream \(url.path) cannot be read: \(systemMessage(failure)).")
    }
    guard bytes.count <= limit else {
      throw ElbowError(
        .file, "The stream \(url.path) has more than the \(limit) bytes that are read at most.")
    }
    guard !bytes.isEmpty else {
      throw ElbowError(
        .file,
        "The stream \(url.path) is empty: nothing was written to it, or it was read before, which can be done once.")
    }
    return bytes
  }

  /// The operating system's words for an error number, "No such file or directory".
  static func systemMessage(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

  /// An array made from a file's own claims: whatever is wrong with them is the file's mistake.
  static func array(dtype: DType, shape: [Int], bytes: [UInt8], from name: String) throws -> HostArray {
    do {
      return try HostArray(dtype: dtype, shape: shape, bytes: bytes)
    } catch let error as ElbowError {
      throw ElbowError(.file, "\(name) does not hold a valid array. \(error.message)")
    }
  }

  /// The bytes that an array announced by a file takes.
  static func byteCount(dtype: DType, shape: [Int], from name: String) throws -> Int {
    do {
      return try HostArray.byteCount(dtype: dtype, shape: shape)
    } catch let error as ElbowError {
      throw ElbowError(.file, "\(name) announces an impossible array. \(error.message)")
    }
  }
}
