import CZlib
import ElbowArrays

/// How compressed bytes are wrapped.
enum DeflateWrapping {
  /// gzip: header, deflate data, CRC and length; more than one such member may follow another.
  case gzip
  /// Deflate data alone, as in a zip archive.
  case none

  /// The window bits, in zlib's terms.
  var windowBits: Int32 { self == .gzip ? 15 + 16 : -15 }
}

/// zlib's inflate and deflate over whole buffers.
enum Inflate {
  /// Deflate cannot do better than this; a file that announces more is lying.
  static let greatestRatio = 1032

  /// Decompresses, keeping at most `limit` bytes.
  ///
  /// - Parameters:
  ///   - stopsAtLimit: Whether to return the first `limit` bytes instead of failing when there are more.
  /// - Throws: ``ElbowError`` when the data is damaged, ends early, is followed by other bytes, or expands further.
  static func decompress(
    _ input: ArraySlice<UInt8>, wrapping: DeflateWrapping, limit: Int, stopsAtLimit: Bool = false, named name: String
  ) throws -> [UInt8] {
    let limit = min(max(limit, 0), Int.max / 2)
    var stream = z_stream()
    let started = inflateInit2_(
      &stream, wrapping.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else {
      throw ElbowError(.file, "\(name) cannot be decompressed: zlib could not start.")
    }
    defer { inflateEnd(&stream) }

    var output: [UInt8] = []
    // A small file must not reserve much, whatever it expands to.
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var consumed = 0
    while true {
      let feed = min(input.count - consumed, 1 << 30)
      let (status, taken, produced) = input.withUnsafeBytes { source in
        chunk.withUnsafeMutableBytes { target -> (Int32, Int, Int) in
          // zlib does not write through next_in, whose type predates const.
          let start = source.baseAddress.map { $0 + consumed }
          stream.next_in = UnsafeMutablePointer(mutating: start?.assumingMemoryBound(to: UInt8.self))
          stream.avail_in = UInt32(feed)
          stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
          stream.avail_out = UInt32(target.count)
          let status = inflate(&stream, Z_NO_FLUSH)
          return (status, feed - Int(stream.avail_in), target.count - Int(stream.avail_out))
        }
      }
      consumed += taken
      output.append(contentsOf: chunk[..<min(produced, limit - output.count + 1)])
      if output.count > limit || (stopsAtLimit && output.count == limit) {
        if stopsAtLimit { return [UInt8](output.prefix(limit)) }
        throw ElbowError(.file, "\(name) expands to more than the \(limit) bytes allowed for it.")
      }
      switch status {
      case Z_STREAM_END where wrapping == .gzip && consumed < input.count:
        // Concatenated gzip files are one gzip file; padding with zeros is customary on tapes.
        if input.dropFirst(consumed).allSatisfy({ $0 == 0 }) { return output }
        inflateReset(&stream)
      case Z_STREAM_END:
        guard consumed == input.count else {
          throw ElbowError(.file, "\(name) has \(input.count - consumed) bytes after the end of its compressed data.")
        }
        return output
      case Z_OK where taken > 0 || produced > 0:
        continue
      case Z_OK, Z_BUF_ERROR:
        throw ElbowError(.file, "\(name) ends too early: its compressed data stops after \(output.count) bytes.")
      case Z_MEM_ERROR:
        throw ElbowError(.file, "\(name) cannot be decompressed: zlib ran out of memory.")
      default:
        let reason = stream.msg.map { String(cString: $0) } ?? "zlib status \(status)"
        throw ElbowError(.file, "\(name) has damaged compressed data: \(reason).")
      }
    }
  }

  /// Compresses at zlib's highest level; the same input gives the same output.
  static func compress(_ input: [UInt8], wrapping: DeflateWrapping) throws -> [UInt8] {
    var stream = z_stream()
    let started = deflateInit2_(
      &stream, Z_BEST_COMPRESSION, Z_DEFLATED, wrapping.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { throw ElbowError(.internal, "zlib could not start to compress.") }
    defer { deflateEnd(&stream) }

    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var consumed = 0
    while true {
      let feed = min(input.count - consumed, 1 << 30)
      let isLast = consumed + feed == input.count
      let (status, taken, produced) = input.withUnsafeBytes { source in
        chunk.withUnsafeMutableBytes { target -> (Int32, Int, Int) in
          let start = source.baseAddress.map { $0 + consumed }
          stream.next_in = UnsafeMutablePointer(mutating: start?.assumingMemoryBound(to: UInt8.self))
          stream.avail_in = UInt32(feed)
          stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
          stream.avail_out = UInt32(target.count)
          let status = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
          return (status, feed - Int(stream.avail_in), target.count - Int(stream.avail_out))
        }
      }
      consumed += taken
      output.append(contentsOf: chunk[..<produced])
      if status == Z_STREAM_END { return output }
      guard status == Z_OK else { throw ElbowError(.internal, "zlib failed to compress with status \(status).") }
    }
  }
}
