import ElbowArrays
import Testing

/// The digest that keys and downloads are known by.
@Suite struct SHA256Tests {
  /// The examples of FIPS 180-4 and of NIST's CAVP, and lengths around a block's, as coreutils has them.
  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    ("\u{bd}", 1, "83895be7a983fb6e64c5872854b4a2feb316620d61bb451a483e971aafb3e74f"),
    ("a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
    ("a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
    ("a", 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
    ("a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
    ("a", 65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func digestsAreThoseOfTheStandard(text: String, times: Int, digest: String) {
    #expect(SHA256.digits(of: [UInt8](String(repeating: text, count: times).utf8)) == digest)
  }

  /// However the bytes come in, and whatever collection they are of.
  @Test func piecesAreTheWhole() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for count in [0, 1, 63, 64, 65, 127, 128, 129, 300] {
      let whole = SHA256.digits(of: bytes.prefix(count))
      for size in [1, 3, 63, 64, 65, 200] {
        var hash = SHA256()
        for start in stride(from: 0, to: count, by: size) { hash.update(bytes[start..<min(start + size, count)]) }
        #expect(hash.digits == whole, "\(count) bytes in pieces of \(size)")
      }
    }
    #expect(SHA256.digits(of: AnySequence(bytes)) == SHA256.digits(of: bytes))
  }
}
