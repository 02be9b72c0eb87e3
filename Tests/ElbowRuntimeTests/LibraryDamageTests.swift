import ElbowArrays
import ElbowManifest
import Foundation
import TestFolders
import Testing

@testable import ElbowRuntime

/// Libraries that were damaged on their way are refused before the dynamic loader sees them.
@Suite struct LibraryDamageTests {
  /// A copy of the good library in a folder of its own.
  private func withCopy(_ body: (_ folder: URL, _ bytes: [UInt8]) throws -> Void) throws {
    try withTemporaryFolder { try body($0, [UInt8](Data(contentsOf: ToyLibrary.good.get()))) }
  }

  @Test func aSealFindsEveryChange() throws {
    try withCopy { folder, bytes in
      let url = folder.appending(path: "sealed.so")
      try Data(bytes).write(to: url)
      #expect(LibrarySeal.state(of: url) == .missing)
      try LibrarySeal.seal(url)
      #expect(LibrarySeal.state(of: url) == .intact)
      #expect(try LibraryImage(contentsOf: url).manifest == ToyLibrary.manifest)
      #expect(try LoadedLibrary(contentsOf: url).manifest == ToyLibrary.manifest)
      let sealed = try [UInt8](Data(contentsOf: url))
      // A file that is loaded must not change.
      let copy = folder.appending(path: "changed.so")
      var random = SplitMix(state: 3)
      for _ in 0..<200 {
        var changed = sealed
        changed[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        try Data(changed).write(to: copy)
        #expect(elbowError { _ = try LibraryImage(contentsOf: copy) }?.message.contains("is damaged") == true)
      }
    }
  }

  /// Without a seal: whatever is accepted does not end the process that loads it.
  @Test func whatIsAcceptedCanBeLoaded() throws {
    try withCopy { folder, bytes in
      let program = folder.appending(path: "load_each")
      let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/load_each.c")
      let built = try RunningProcess(
        URL(filePath: "/usr/bin/env"), ["cc", "-O0", source.path, "-o", program.path, "-ldl"]
      ).finish()
      #expect(built.status == 0, "\(built.output)")
      var random = SplitMix(state: 5)
      var (accepted, refused) = ([String](), 0)
      let places = try LibraryDamageTests.tables(bytes)
      for round in 0..<3000 {
        var changed = bytes
        let place = places[round % places.count]
        for _ in 0...(round % 3) {
          let index = Int.random(in: place, using: &random)
          let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
          changed[index] =
            Bool.random(using: &random) ? changed[index] ^ bit : UInt8.random(in: 0...255, using: &random)
        }
        let url = folder.appending(path: "\(round).so")
        try Data(changed).write(to: url)
        if elbowError({ _ = try LibraryImage(contentsOf: url) }) == nil {
          accepted.append(url.path)
        } else {
          refused += 1
          try FileManager.default.removeItem(at: url)
        }
      }
      #expect(accepted.count > 100 && refused > 1000, "\(accepted.count) accepted, \(refused) refused")
      let loaded = try RunningProcess(program, accepted).finish()
      #expect(loaded.status == 0, "\(loaded.output)")
    }
  }

  /// Where the dynamic loader reads: headers, the dynamic section, and what that points to.
  private static func tables(_ bytes: [UInt8]) throws -> [Range<Int>] {
    let count = Int(bytes.littleEndian(UInt16.self, at: 56))
    let headers = (0..<count).map { 64 + $0 * 56 }
    func range(_ header: Int) -> Range<Int> {
      let offset = Int(bytes.littleEndian(UInt64.self, at: header + 8))
      return offset..<offset + Int(bytes.littleEndian(UInt64.self, at: header + 32))
    }
    let kinds = headers.map { bytes.littleEndian(UInt32.self, at: $0) }
    let first = try #require(kinds.firstIndex(of: 1))
    let dynamic = try #require(kinds.firstIndex(of: 2))
    return [0..<64, 64..<64 + count * 56, range(headers[first]), range(headers[dynamic])]
  }
}
