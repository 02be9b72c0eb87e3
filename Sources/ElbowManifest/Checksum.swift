/// Checksums against accidental damage; they do not resist somebody who means to forge.
public enum Checksum {
  /// FNV-1a with 64 bits: `h = (h xor byte) * 0x100000001b3`, from `0xcbf29ce484222325`.
  public static func fnv1a64(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    return hash
  }
}
