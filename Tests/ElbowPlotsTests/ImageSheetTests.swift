import ElbowArrays
import ElbowData
import Foundation
import TestFolders
import Testing

@testable import ElbowPlots

@Suite struct ImageSheetTests {
  private func expectError(_ kind: ElbowError.Kind, _ text: String, _ body: () throws -> some Any) {
    let error = #expect(throws: ElbowError.self) { _ = try body() }
    #expect(error?.kind == kind && error?.message.contains(text) == true, "\(error?.message ?? "none")")
  }

  @Test func sheet() throws {
    let images = try HostArray([1, 2, 3, 4, 5, 6] as [UInt8], shape: [3, 1, 2])
    let sheet = try ImageSheet(images: images, columns: 2, margin: 1, background: 9).pixels
    #expect(sheet.shape == [5, 7])
    #expect(
      sheet.bytes == [
        9, 9, 9, 9, 9, 9, 9,
        9, 1, 2, 9, 3, 4, 9,
        9, 9, 9, 9, 9, 9, 9,
        9, 5, 6, 9, 9, 9, 9,
        9, 9, 9, 9, 9, 9, 9,
      ])
  }

  @Test func reconstructionsLieBelow() throws {
    let originals = try HostArray([10, 20, 30] as [UInt8], shape: [3, 1, 1])
    let reconstructions = try HostArray([0, 0.2, 1] as [Float], shape: [3, 1, 1])
    let sheet = try ImageSheet(originals: originals, reconstructions: reconstructions, columns: 2).pixels
    let inner = [1, 3, 5, 7].map { row in [1, 3].map { sheet.bytes[row * 5 + $0] } }
    #expect(sheet.shape == [9, 5] && inner == [[10, 20], [0, 51], [30, 64], [255, 64]])
    // A channel's own axis makes no difference.
    let withChannel = try HostArray([0, 0.2, 1] as [Float], shape: [3, 1, 1, 1])
    #expect(try ImageSheet(originals: originals, reconstructions: withChannel, columns: 2).pixels == sheet)
    expectError(.shape, "uint8[3, 1, 1] and float32[2, 1, 1]") {
      try ImageSheet(originals: originals, reconstructions: HostArray(zeros: [2, 1, 1]))
    }
    let none = try HostArray(zeros: [0, 1, 1], dtype: .uint8)
    expectError(.shape, "at least one image") { try ImageSheet(originals: none, reconstructions: none) }
  }

  @Test func sheetOfFloats() throws {
    let images = try HostArray([-1, 0, 0.5, 1, 7, Float.nan], shape: [1, 2, 3])
    #expect(try ImageSheet(images: images, margin: 0).pixels.bytes == [0, 0, 128, 255, 255, 0])
    let colour = try HostArray([Double](repeating: 1, count: 4 * 3), shape: [4, 1, 1, 3])
    #expect(
      try ImageSheet(images: colour, margin: 0).pixels
        == HostArray([UInt8](repeating: 255, count: 12), shape: [2, 2, 3]))
    expectError(.dtype, "int32") { try ImageSheet(images: HostArray(zeros: [1, 2, 3], dtype: .int32)) }
    expectError(.shape, "[2, 3]") { try ImageSheet(images: HostArray(zeros: [2, 3])) }
    expectError(.invalidArgument, "column") { try ImageSheet(images: images, columns: 0) }
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("sheet.png")
      let sheet = try ImageSheet(images: images)
      try sheet.write(to: url)
      #expect(try FileContents.read(url) == PNG.encode(sheet.image()))
    }
  }

  /// How many pixels of a part of a picture are not white.
  private func ink(_ picture: HostArray, rows: Range<Int>, columns: Range<Int>) -> Int {
    rows.reduce(0) { count, row in
      count + columns.count { picture.bytes[(row * picture.shape[1] + $0) * 3] != 255 }
    }
  }

  @Test func picturesAreLargeEnoughToLookAt() throws {
    let images = try HostArray([0, 128, 255, 64] as [UInt8], shape: [1, 2, 2])
    let picture = try ImageSheet(images: images, margin: 0).image()
    // Each pixel is 560 wide, with an edge of 20 around.
    #expect(picture.shape == [1160, 1160, 3])
    let middles = [300, 860].flatMap { y in [300, 860].map { x in picture.bytes[(y * 1160 + x) * 3 + 1] } }
    #expect(middles == [0, 128, 255, 64])
    #expect(picture.bytes[(20 * 1160 + 579) * 3] == 0 && picture.bytes[(20 * 1160 + 580) * 3] == 128)

    // As for 100 images of 28 x 28: three times as large.
    let many = try HostArray(zeros: [100, 28, 28], dtype: .uint8)
    #expect(try ImageSheet(images: many).image().shape == [3 * 291 + 40, 3 * 291 + 40, 3])
    // One column of many: as it is, and wide enough for its title.
    let column = try ImageSheet(images: many, columns: 1, title: "one hundred")
    let title = Int(Canvas.width(of: "one hundred", size: 2.2 * 3).rounded(.up))
    #expect(try column.image().shape[1] == 60 + title + 60)
  }

  @Test func titlesAndLabelsLieAroundTheImages() throws {
    let images = try HostArray([UInt8](repeating: 255, count: 4 * 9), shape: [4, 3, 3])
    var sheet = try ImageSheet(images: images, columns: 2, margin: 0, background: 255)
    let plain = try sheet.image()
    #expect(ink(plain, rows: 0..<plain.shape[0], columns: 0..<plain.shape[1]) == 0)
    sheet.title = "title"
    sheet.rowLabels = ["upper", ""]
    sheet.columnLabels = ["", "right"]
    (sheet.xLabel, sheet.yLabel) = ("x", "y")
    let picture = try sheet.image()
    let (height, width) = (picture.shape[0], picture.shape[1])
    // Six pixels a side, each 186 wide.
    let (left, top, side) = (width - 20 - 1116, 54, 1116)
    #expect(ink(picture, rows: top..<top + side, columns: left..<width) == 0)
    #expect(ink(picture, rows: 0..<top, columns: left..<width) > 100)
    #expect(ink(picture, rows: top + 239..<top + 319, columns: 50..<left) > 100)
    #expect(ink(picture, rows: top + 600..<top + side, columns: 50..<left) == 0)
    #expect(ink(picture, rows: top + side..<top + side + 28, columns: left + side / 2..<width) > 100)
    #expect(ink(picture, rows: top + side..<top + side + 28, columns: left..<left + side / 2) == 0)
    #expect(ink(picture, rows: top + side + 30..<height, columns: 0..<width) > 20)
    #expect(ink(picture, rows: top..<top + side, columns: 0..<45) > 20)
  }

  /// The name of an axis lies within the picture, with numbers along the axis or without.
  @Test func axesWithoutNumbersHaveNames() throws {
    let images = try HostArray([UInt8](repeating: 255, count: 9), shape: [1, 3, 3])
    var sheet = try ImageSheet(images: images, margin: 0)
    let plain = try sheet.image()
    sheet.xLabel = "x"
    let picture = try sheet.image()
    let (height, width) = (picture.shape[0], picture.shape[1])
    #expect(height > plain.shape[0] && width == plain.shape[1])
    #expect(ink(picture, rows: plain.shape[0] - 20..<height - 10, columns: 0..<width) > 20)
    #expect(ink(picture, rows: height - 10..<height, columns: 0..<width) == 0)
  }

  @Test func reconstructionsAreNamed() throws {
    let images = try HostArray(zeros: [3, 1, 1], dtype: .uint8)
    let sheet = try ImageSheet(originals: images, reconstructions: images, columns: 2)
    #expect(sheet.rowLabels == ["data", "model", "data", "model"] && !sheet.title.isEmpty)
  }
}
