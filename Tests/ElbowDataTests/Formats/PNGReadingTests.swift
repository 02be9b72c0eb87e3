import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

/// PNG files of other programs, of every kind that is read or refused.
struct PNGReadingTests {
  @Test func readsWhatIsWritten() throws {
    for shape in [[2, 3], [2, 3, 3]] {
      let image = try HostArray((0..<shape.reduce(1, *)).map { UInt8($0 * 13) }, shape: shape)
      #expect(try PNG.decode(PNG.encode(image)) == image)
    }
  }

  /// Made by Python's zlib: 4 bits a pixel, and a palette.
  @Test func readsOtherKinds() throws {
    let four = try PNG.decode(
      fixture("iVBORw0KGgoAAAANSUhEUgAAAAMAAAACBAAAAAB979THAAAADklEQVR4nGPg+MAgZAAABEIBO8mPWsIAAAAASUVORK5CYII="))
    // Of 0, 8, 15 and 1, 2, 3 of 15.
    #expect(try four == HostArray([0, 136, 255, 17, 34, 51] as [UInt8], shape: [2, 3]))
    let palette = try PNG.decode(
      fixture(
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAMAAADD/I+4AAAABlBMVEUKFB7IZDJ3oLOcAAAAC0lEQVR4nGNgZAAAAAUAAtFmM3gAAAAASUVORK5CYII="
      ))
    #expect(try palette == HostArray([200, 100, 50, 10, 20, 30] as [UInt8], shape: [1, 2, 3]))
  }

  @Test func refusesTheRest() throws {
    let files = [
      (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgZGJuAAAAlQCHE8j2iQAAAABJRU5ErkJggg==",
        "x.png has transparent pixels; expected a grey or RGB image without"
      ),
      (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABEAAAAABq7kcWAAAAC0lEQVR4nGNgZAIAAAcABHZJ4ygAAAAASUVORK5CYII=",
        "x.png has 16 bits a channel; expected 8"
      ),
      // 20,000 x 20,000, of which one pixel is there: refused before anything is allocated.
      (
        "iVBORw0KGgoAAAANSUhEUgAATiAAAE4gCAAAAADGGxnlAAAACklEQVR4nGNgBAAAAwACS/Xd6gAAAABJRU5ErkJggg==",
        "x.png announces 20000 x 20000 pixels; expected at least 1 and at most 268435456."
      ),
      (
        "iVBORw0KGgoAAAANSUhEUgAAIygAACMoCAAAAABIvi1mAAAACklEQVR4nGNgBAAAAwACS/Xd6gAAAABJRU5ErkJggg==",
        "x.png announces 9000 x 9000 pixels, more than its 67 bytes can hold."
      ),
      (
        "iVBORw0KGgoAAAANSUhEUgB///8Af///CAAAAACwwBs1AAAACklEQVR4nGNgBAAAAwACS/Xd6gAAAABJRU5ErkJggg==", "x.png "
      ),
      ("iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAEElEQVR4nGNg", "x.png is no PNG image that can be read"),
      ("", "x.png is no PNG image that can be read"),
    ]
    for (file, text) in files {
      let bytes = try fixture(file)
      expectError(.file, text) { try PNG.decode(bytes, named: "x.png") }
    }
  }

  /// An error is right, a trap is not.
  @Test func damagedFilesAreReadOrRefused() throws {
    let good = try PNG.encode(HostArray((0..<60).map { UInt8($0 * 4) }, shape: [4, 5, 3]))
    // The last chunk, of 12 bytes, says nothing but that it is the last.
    for count in 0..<good.count - 16 { expectError(.file) { try PNG.decode(Array(good[..<count])) } }
    var random = SplitMix64(seed: 3)
    var refused = 0
    for _ in 0..<2000 {
      var bytes = good
      for _ in 0...random.number(below: 4) {
        bytes[random.number(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      do {
        _ = try PNG.decode(bytes)
      } catch let error as ElbowError {
        #expect(error.kind == .file)
        refused += 1
      }
    }
    #expect(refused > 1000)
  }
}
