import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

/// Folders of images as users have them, with all that lies about in them.
struct ImageFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes an image of one brightness.
  private func write(_ name: String, _ value: UInt8, shape: [Int] = [2, 3]) throws {
    let url = folder.file(name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try PNG.write(HostArray([UInt8](repeating: value, count: shape.reduce(1, *)), shape: shape), to: url)
  }

  @Test func classesAndImagesAreSorted() throws {
    try write("dogs/b.png", 4)
    try write("dogs/a.PNG", 3)
    try write("cats/10.png", 1)
    try write("cats/9.png", 2)
    // Bytes are compared: capitals come first.
    try write("Ants/x.png", 0)
    try write(".hidden/x.png", 9)
    try Data("no".utf8).write(to: folder.file("cats/notes.txt"))
    try Data("no".utf8).write(to: folder.file("readme.png"))
    let read = try ImageFolder(contentsOf: folder.url)
    #expect(read.classNames == ["Ants", "cats", "dogs"])
    #expect(try read.dataset["labels"] == HostArray([0, 1, 1, 2, 2] as [Int32]))
    let images = try read.dataset["images"]
    #expect(images.shape == [5, 2, 3] && images.dtype == .uint8)
    #expect(images.bytes == (0..<5).flatMap { [UInt8](repeating: $0, count: 6) })
    let name = folder.url.lastPathComponent
    #expect(
      read.dataset.notes == ["1 entries of \(name) that are no .png files are left out, such as 'cats/notes.txt'"])
  }

  @Test func coloursHaveAnAxisOfChannels() throws {
    try write("a/1.png", 7, shape: [2, 2, 3])
    try write("b/1.png", 8, shape: [2, 2, 3])
    let images = try ImageFolder(contentsOf: folder.url).dataset["images"]
    #expect(images.shape == [2, 2, 2, 3] && Set(images.bytes) == [7, 8])
  }

  @Test func mistakesNameTheFile() throws {
    expectError(.data, "has no subfolders; expected one for each class") { try ImageFolder(contentsOf: folder.url) }
    let line = #line + 1
    do { _ = try ImageFolder(contentsOf: folder.url) } catch let error as ElbowError {
      #expect(error.location?.line == line)
    }
    expectError(.file, "cannot be read") { try ImageFolder(contentsOf: folder.file("missing")) }
    try FileManager.default.createDirectory(at: folder.file("a"), withIntermediateDirectories: true)
    try Data("no".utf8).write(to: folder.file("a/1.jpg"))
    expectError(.data, "hold no files that end in .png", "there is 'a/1.jpg'") {
      try ImageFolder(contentsOf: folder.url)
    }
    try write("a/1.png", 1)
    try write("b/2.png", 1, shape: [4, 3])
    expectError(
      .file, "/b/2.png is 3 x 4 pixels in grey, but ", "/a/1.png is 3 x 2 pixels in grey; expected images of one size"
    ) { try ImageFolder(contentsOf: folder.url) }
    try write("b/2.png", 1, shape: [2, 3, 3])
    expectError(.file, "/b/2.png is 3 x 2 pixels in colours") { try ImageFolder(contentsOf: folder.url) }
    try Data("no".utf8).write(to: folder.file("b/2.png"))
    expectError(.file, "/b/2.png is no PNG image that can be read") { try ImageFolder(contentsOf: folder.url) }
  }
}
