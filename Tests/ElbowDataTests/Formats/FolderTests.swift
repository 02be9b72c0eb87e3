import ElbowArrays
import Foundation
import Testing

@testable import ElbowData

@Suite struct FolderTests {
  @Test func foldersAreMadeWithThoseAbove() throws {
    let top = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: top) }
    let folder = top.appendingPathComponent("a/b")
    try Folder.make(folder)
    try Folder.make(folder)
    var isFolder: ObjCBool = false
    #expect(FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) && isFolder.boolValue)
  }

  @Test func whatIsInTheWayIsSaid() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    try Data().write(to: file)
    let inTheWay = #expect(throws: ElbowError.self) { try Folder.make(file) }
    #expect(inTheWay?.message == "The folder '\(file.path)' cannot be made: a file of that name is in the way.")
    let below = file.appendingPathComponent("x")
    let beneath = #expect(throws: ElbowError.self) { try Folder.make(below) }
    #expect(beneath?.message == "The folder '\(below.path)' cannot be made: Not a directory.")
  }
}
