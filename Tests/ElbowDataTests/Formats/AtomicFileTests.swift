import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

struct AtomicFileTests {
  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func replacesAndLeavesNothingBehind() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a")
      try AtomicFile.write([UInt8]([1, 2, 3]), to: url)
      try AtomicFile.write(Data([4]), to: url)
      #expect(try FileContents.read(url) == [4])
      try AtomicFile.write([UInt8](), to: url)
      #expect(try FileContents.read(url) == [])
      #expect(try names(folder) == ["a"])
    }
  }

  @Test func failureKeepsThePreviousFile() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a")
      try AtomicFile.write([UInt8]([1, 2, 3]), to: url)
      expectError(.file, "full") {
        try AtomicFile.write(to: url) { _, _ in throw ElbowError(.file, "The disk is full.") }
      }
      #expect(try FileContents.read(url) == [1, 2, 3])
      #expect(try names(folder) == ["a"])
    }
  }

  /// Files that a killed program was writing go; those that another one is writing, and what is no such file, stay.
  @Test func abandonedFilesAreRemoved() throws {
    try withTemporaryFolder { folder in
      let (abandoned, empty) = (".elbow-\(UUID().uuidString).tmp", ".elbow-\(UUID().uuidString).tmp")
      for (name, count) in [(abandoned, 3), (empty, 0), ("a.tmp", 3), (".elbow-notes", 3)] {
        try Data(count: count).write(to: folder.appendingPathComponent(name))
      }
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent(".elbow-.tmp"), withIntermediateDirectories: false)
      try AtomicFile.write(to: folder.appendingPathComponent("b")) { descriptor, _ in
        _ = Foundation.write(descriptor, "12", 2)
        AtomicFile.removeAbandoned(in: folder)
      }
      #expect(try names(folder) == [".elbow-.tmp", ".elbow-notes", "a.tmp", "b"].sorted())
      #expect(try FileContents.read(folder.appendingPathComponent("b")) == [UInt8]("12".utf8))
    }
  }

  /// A file that is taken for an abandoned one before it is locked is made again.
  @Test func removedBeforeItWasLocked() throws {
    try withTemporaryFolder { folder in
      var made = 0
      let (descriptor, path) = try AtomicFile.makeTemporary(in: folder, 0o600, for: folder) {
        made += 1
        if made < 3 { AtomicFile.removeAbandoned(in: folder) }
      }
      defer { close(descriptor) }
      #expect(made == 3)
      AtomicFile.removeAbandoned(in: folder)
      #expect(try names(folder) == [URL(fileURLWithPath: path).lastPathComponent])
    }
  }

  @Test func impossibleTargets() throws {
    try withTemporaryFolder { folder in
      expectError(.file, "in the way") { try AtomicFile.write([UInt8](), to: folder) }
      expectError(.file, "in the way") { try AtomicFile.write([UInt8](), to: URL(fileURLWithPath: "/dev/null")) }
      expectError(.file, "No such file") {
        try AtomicFile.write([UInt8](), to: folder.appendingPathComponent("missing/a"))
      }
    }
  }

  @Test func followsLinksAndKeepsPermissions() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("a")
      let link = folder.appendingPathComponent("link")
      try AtomicFile.write([UInt8]([1]), to: url)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: url)
      try AtomicFile.write([UInt8]([2]), to: link)
      #expect(try FileContents.read(url) == [2])
      let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: link.path)) != nil)
    }
  }
}
