import Foundation

/// What programs find open when they start: standard input and output, and the pipes that a shell makes of `<(command)`.
package enum OpenStream {
  /// The descriptor that a file's name stands for, if it is the name of one: `/dev/stdin`, `/dev/stdout`, `/dev/fd/63`.
  package static func descriptor(of url: URL) -> Int32? {
    switch url.path {
    case "/dev/stdin": return STDIN_FILENO
    case "/dev/stdout": return STDOUT_FILENO
    case let path:
      let folder = "/dev/fd/"
      return path.hasPrefix(folder) ? Int32(path.dropFirst(folder.count)) : nil
    }
  }

  /// Writes all of some bytes, as soon as they are taken.
  ///
  /// - Returns: How many were written; if not all, `errno` says why.
  package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
    var written = 0
    while written < bytes.count, let base = bytes.baseAddress {
      // More at once is not promised to work.
      let count = Foundation.write(descriptor, base + written, min(bytes.count - written, 1 << 30))
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        wait(for: descriptor, POLLOUT)
        continue
      }
      guard count > 0 else { break }
      written += count
    }
    return written
  }

  /// Reads to the end, as bytes come.
  ///
  /// - Returns: The bytes, and the system's error number if reading failed. More bytes than `limit` are not read: one more says so.
  package static func read(_ descriptor: Int32, limit: Int) -> (bytes: [UInt8], failure: Int32?) {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let wanted = min(chunk.count, limit - bytes.count + 1)
      let count = chunk.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, wanted) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        wait(for: descriptor, POLLIN)
        continue
      }
      guard count >= 0 else { return (bytes, errno) }
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return (bytes, nil)
  }

  /// Waits until something can be read or written: others may have made the descriptor one that does not wait by itself.
  private static func wait(for descriptor: Int32, _ event: Int32) {
    var place = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    poll(&place, 1, -1)
  }
}
