import ElbowArrays
import ElbowManifest
import Foundation
import TestFolders
import Testing

@testable import ElbowCodegen

/// Entries of the cache are what was stored, or gone.
@Suite struct ArtifactCacheTests {
  private func withCache(byteLimit: Int = 1 << 30, _ body: (ArtifactCache) throws -> Void) throws {
    try withTemporaryFolder { try body(ArtifactCache(folder: $0, byteLimit: byteLimit)) }
  }

  /// Stores so many bytes and a seal, and says that they were used some seconds after the epoch.
  private func store(_ count: Int, as key: String, in cache: ArtifactCache, used time: Int) throws {
    let work = try cache.workFolder()
    let file = work.appendingPathComponent("library.so")
    try Data(repeating: UInt8(truncatingIfNeeded: time), count: count).write(to: file)
    try LibrarySeal.seal(file)
    let url = try cache.store(file, as: key)
    try FileManager.default.removeItem(at: work)
    var times = [timeval(tv_sec: time, tv_usec: 0), timeval(tv_sec: time, tv_usec: 0)]
    #expect(utimes(url.path, &times) == 0)
  }

  private func keys(_ cache: ArtifactCache) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: cache.folder.path).sorted()
  }

  @Test func everyDamagedEntryIsRemoved() throws {
    try withCache { cache in
      try store(50, as: "a", in: cache, used: 1)
      let url = try #require(cache.library("a"))
      let whole = try Data(contentsOf: url)
      for index in whole.indices {
        for bit in 0..<8 {
          var bytes = whole
          bytes[index] ^= 1 << bit
          try bytes.write(to: url)
          #expect(cache.library("a") == nil, "bit \(bit) of byte \(index)")
          #expect(try keys(cache) == [])
        }
      }
      for bytes in [Data(), whole.dropLast(), whole.dropFirst(), whole + [0], whole.prefix(50)] {
        try Data(bytes).write(to: url)
        #expect(cache.library("a") == nil)
      }
      try whole.write(to: url)
      #expect(cache.library("a") == url)
      #expect(cache.library("b") == nil)
    }
  }

  @Test func whatWasNotUsedForTheLongestGoes() throws {
    try withCache(byteLimit: 500) { cache in
      for (time, key) in ["a", "b", "c", "d"].enumerated() { try store(60, as: key, in: cache, used: time + 1) }
      // Two names of one library count once, and go together.
      #expect(try cache.link("other-a", to: "a").lastPathComponent == "other-a.so")
      #expect(try keys(cache) == ["a.so", "b.so", "c.so", "d.so", "other-a.so"])
      // Used now.
      #expect(cache.library("a") != nil)
      try store(60, as: "e", in: cache, used: 5)
      #expect(try keys(cache) == ["a.so", "b.so", "c.so", "d.so", "e.so", "other-a.so"])
      try store(60, as: "f", in: cache, used: 6)
      #expect(try keys(cache) == ["a.so", "c.so", "d.so", "e.so", "f.so", "other-a.so"])
      // A file larger by itself than the bound stays until the next comes.
      try store(600, as: "g", in: cache, used: 7)
      #expect(try keys(cache) == ["g.so"])
      try store(60, as: "h", in: cache, used: 8)
      #expect(try keys(cache) == ["h.so"])
    }
  }

  @Test func whatInterruptedCompilationsLeftGoes() throws {
    try withCache { cache in
      let (old, new) = (try cache.workFolder(), try cache.workFolder())
      let link = cache.folder.appendingPathComponent("link-x")
      try Data([1]).write(to: old.appendingPathComponent("a.c"))
      try Data([1]).write(to: link)
      var times = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
      for url in [old, link] { #expect(utimes(url.path, &times) == 0) }
      try store(1, as: "a", in: cache, used: 1)
      #expect(try keys(cache) == ["a.so", new.lastPathComponent])
    }
  }

  @Test func theBoundIsASize() throws {
    func bound(_ text: String?) throws -> Int {
      try ArtifactCache.byteLimit(text.map { ["ELBOW_CACHE_SIZE": $0] } ?? [:])
    }
    #expect(try bound(nil) == 4 << 30 && bound("") == 4 << 30)
    #expect(try bound("0") == 0 && bound("1000") == 1000 && bound("3K") == 3072 && bound("500m") == 500 << 20)
    #expect(try bound("20G") == 20 << 30 && bound("1T") == 1 << 40)
    for wrong in ["G", "-1", "1.5G", "1GB", "one", "9223372036854775807G", "99999999999999999999"] {
      #expect(throws: ElbowError.self) { try bound(wrong) }
    }
  }
}
