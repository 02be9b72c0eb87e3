import ElbowArrays
import Foundation
import TestFolders
import Testing

@testable import ElbowData

@Suite struct FolderTests {
  @Test func foldersAreMadeWithThoseAbove() throws {
    try withTemporaryFolder { top in
      let folder = top.appendingPathComponent("a/b")
      try Folder.make(folder)
      try Folder.make(folder)
      var isFolder: ObjCBool = false
      #expect(FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) && isFolder.boolValue)
    }
  }

  @Test func whatIsInTheWayIsSaid() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      let inTheWay = #expect(throws: ElbowError.self) { try Folder.make(file) }
      #expect(inTheWay?.message == "The folder '\(file.path)' cannot be made: a file of that name is in the way.")
      let below = file.appendingPathComponent("x")
      let beneath = #expect(throws: ElbowError.self) { try Folder.make(below) }
      #expect(beneath?.message == "The folder '\(below.path)' cannot be made: Not a directory.")
    }
  }
}
